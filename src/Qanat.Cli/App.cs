using System.Runtime.CompilerServices;
using Qanat.Cli.Commands;
using Qanat.Cli.Commands.Help;
using Qanat.Cli.Iproute2;
using Qanat.Cli.Iproute2.Fdb;
using Qanat.Cli.Iproute2.Fou;
using Qanat.Cli.Iproute2.L2tp;
using Qanat.Cli.Iproute2.Links;
using Qanat.Cli.Iproute2.Tuntap;
using Qanat.Cli.Iproute2.Xfrm;

namespace Qanat.Cli;

/// <summary>
/// The program: options as <c>ip</c> has them, then an object of <c>ip</c>'s or one of our own verbs. Whatever only the own verbs need
/// is loaded for them alone, for <c>tunnel</c> is to start at once.
/// </summary>
internal static class App
{
    /// <summary>Runs a command line.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(string[] args, Session session)
    {
        try
        {
            return args switch
            {
                [] => Print(session.Out, ProgramHelp.Program, 0),
                [WireGuardProgram.Name, .. var rest] => WireGuardProgram.Run(rest, session),
                ["--version"] => Print(session.Out, $"qanat {ProgramHelp.Version}\n", 0),
                [var first, ..] when first.StartsWith('[') => RunOwn(args, new GlobalOptions(), session), // a directive: [suggest]
                _ => RunAfterOptions(GlobalOptions.Parse(args, out var rest), rest, session),
            };
        }
        catch (CommandFailure failure)
        {
            return Print(session.Error, failure.Message + "\n", failure.ExitCode);
        }
    }

    private static int RunAfterOptions(GlobalOptions options, string[] words, Session session)
    {
        if (options.Help)
            return Print(session.Out, ProgramHelp.Program, 0);
        if (options.Version)
            return Print(session.Out, $"qanat utility, iproute2-6.1.0, qanat {ProgramHelp.Version}\n", 0);
        return options.NetworkNamespace is { } name ? NamespaceSwitch.Run(name, RunHere) : RunHere();

        int RunHere() => options.BatchFile is { } file
            ? new Batch(file, options.Force).Run(line => RunObject(options, line, session), session.Error)
            : RunObject(options, words, session);
    }

    private static int RunObject(GlobalOptions options, string[] words, Session session)
    {
        switch (words)
        {
            case []:
                return Print(session.Error, ProgramHelp.Program, CommandFailure.BadGrammar);
            case ["apply" or "capture" or "completion" or "daemon" or "doctor" or "echo" or "export" or "status" or "vpn", ..]:
            case ["up" or "down" or "reload", ..]:
            case ["events" or "metrics" or "top", ..]:
                return RunOwn(words, options, session);
            case [var word, "--help" or "-help" or "-h", ..] when IsTunnel(word):
                return Print(session.Out, TunnelHelp.Tunnel, 0);
            case [var word, .. var rest] when IsTunnel(word):
                new TunnelCommand(options, session).Run(rest);
                return 0;
            case [var word, "--help" or "-help", ..] when IsTuntap(word):
                return Print(session.Out, TuntapHelp.Tuntap, 0);
            case [var word, .. var rest] when IsTuntap(word):
                new TuntapCommand(options, session).Run(rest);
                return 0;
            case ["link", "--help" or "-help" or "-h", ..]:
                return Print(session.Out, LinkHelp.Link, 0);
            case ["fou", "--help" or "-help" or "-h", ..]:
                return Print(session.Out, LinkHelp.Fou, 0);
            case ["l2tp", "--help" or "-help" or "-h", ..]:
                return Print(session.Out, LinkHelp.L2tp, 0);
            case ["fdb", "--help" or "-help" or "-h", ..] or ["bridge", "fdb", "--help" or "-help" or "-h", ..]:
                return Print(session.Out, LinkHelp.Fdb, 0);
            case [var word, .. var rest] when Words.Abbreviates(word, "link"):
                new LinkCommand(options, session).Run(rest);
                return 0;
            case ["fou", .. var rest]:
                new FouCommand(options, session).Run(rest);
                return 0;
            case ["l2tp", .. var rest]:
                new L2tpCommand(options, session).Run(rest);
                return 0;
            case ["fdb", ..] or ["bridge", "fdb", ..]:
                new FdbCommand(options, session).Run(words[(Array.IndexOf(words, "fdb") + 1)..]);
                return 0;
            case [var word, "--help" or "-help", ..] when Words.Abbreviates(word, "xfrm"):
                return Print(session.Out, XfrmHelp.Xfrm, 0);
            case [var word, .. var rest] when Words.Abbreviates(word, "xfrm"):
                new XfrmCommand(options, session).Run(rest);
                return 0;
            case [var word, ..] when Words.Abbreviates(word, "help"):
                return Print(session.Out, ProgramHelp.Program, 0);
            default:
                throw CommandFailure.Refusal($"Object \"{words[0]}\" is unknown, try \"qanat help\".");
        }
    }

    private static bool IsTunnel(string word) => Words.Abbreviates(word, "tunnel") || word == "tunl";

    private static bool IsTuntap(string word) => Words.Abbreviates(word, "tuntap") || Words.Abbreviates(word, "tap");

    // Not inlined, so that System.CommandLine stays unloaded where this is not called.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int RunOwn(string[] words, GlobalOptions options, Session session) => OwnCommands.Run(words, options, session);

    private static int Print(TextWriter output, string text, int exitCode)
    {
        output.Write(text);
        return exitCode;
    }
}
