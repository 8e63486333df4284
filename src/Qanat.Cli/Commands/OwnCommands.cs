using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Qanat.Cli.Commands.Help;
using Qanat.Cli.Commands.Vpn;
using Qanat.Cli.Iproute2;

namespace Qanat.Cli.Commands;

/// <summary>Our own verbs, on System.CommandLine: options with two dashes, help with examples, completion.</summary>
internal static class OwnCommands
{
    /// <summary>Runs one of them.</summary>
    /// <param name="words">The verb and what follows it.</param>
    /// <param name="options">The options before it.</param>
    /// <param name="session">What it works with.</param>
    /// <returns>The exit code.</returns>
    public static int Run(string[] words, GlobalOptions options, Session session)
    {
        var root = new RootCommand("Tunnels for any Linux machine, without kernel modules")
        {
            TunnelCompletion.Create(session),
            TuntapCompletion.Create(),
            XfrmCompletion.Create(),
            WithExamples(StatusCommand.Create(options, session), DaemonHelp.StatusExamples),
            WithExamples(DaemonCommand.Create(), DaemonHelp.DaemonExamples),
            WithExamples(TopCommand.Create(options, session), SightHelp.TopExamples),
            WithExamples(EventsCommand.Create(session), SightHelp.EventsExamples),
            WithExamples(MetricsCommand.Create(session), SightHelp.MetricsExamples),
            WithExamples(CaptureCommand.Create(options, session), DeviceHelp.CaptureExamples),
            WithExamples(DoctorCommand.Create(options, session), DaemonHelp.DoctorExamples),
            WithExamples(EchoCommand.Create(options, session), DeviceHelp.EchoExamples),
            WithExamples(ApplyCommand.Create(options, session), DeclarativeHelp.ApplyExamples),
            WithExamples(ExportCommand.Create(options, session), DeclarativeHelp.ExportExamples),
            WithExamples(UpCommand.Create(session), UpHelp.UpExamples),
            WithExamples(DownCommand.Create(session), UpHelp.DownExamples),
            WithExamples(ReloadCommand.Create(session), UpHelp.ReloadExamples),
            WithExamples(CompletionCommand.Create(), ProgramHelp.CompletionExamples),
            WithExamples(VpnCommand.Create(options, session), VpnExamples.Vpn),
        };
        foreach (var command in LinkCompletion.Create(session))
            root.Subcommands.Add(command);
        var configuration = new InvocationConfiguration
        {
            Output = session.Out,
            Error = session.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null, // the daemon has signal handlers of its own
        };
        root.Options.Clear(); // help and version of the whole program are App's
        var parsed = root.Parse(words);
        if (parsed.Action is not ParseErrorAction)
            return parsed.Invoke(configuration);
        if (parsed.CommandResult.Command is { Subcommands.Count: > 0 } and not RootCommand)
            session.Error.Write($"{WantsVerb(parsed)}\n");
        else
            foreach (var error in parsed.Errors)
                session.Error.Write($"{error.Message.TrimEnd()}\n");
        return CommandFailure.BadGrammar;
    }

    private static string WantsVerb(ParseResult parsed)
    {
        var command = $"qanat {parsed.CommandResult.Command.Name}";
        var wrong = parsed.UnmatchedTokens is [var word, ..] ? $"\"{word}\" is no verb of {command}" : $"{command} needs a verb";
        return $"{wrong}; {command} --help lists them";
    }

    /// <summary>An argument that takes no word which looks like an option: one that is not known would pass for it.</summary>
    public static Argument<T> WithoutOptions<T>(this Argument<T> argument)
    {
        argument.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => token.Value is ['-', _, ..]))
                result.AddError($"Unrecognized command or argument '{token.Value}'.");
        });
        return argument;
    }

    /// <summary>A command whose help ends in examples.</summary>
    public static Command WithExamples(this Command command, string examples)
    {
        var help = new HelpOption("--help", "-h");
        help.Action = new HelpWithExamples((SynchronousCommandLineAction)help.Action!, examples);
        command.Options.Add(help);
        return command;
    }

    private sealed class HelpWithExamples(SynchronousCommandLineAction help, string examples) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            var exitCode = help.Invoke(parseResult);
            parseResult.InvocationConfiguration.Output.Write(examples);
            return exitCode;
        }
    }
}
