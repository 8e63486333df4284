using Qanat.Cli.Client;
using Qanat.Cli.Commands.Vpn;

namespace Qanat.Cli.Tests.Support;

/// <summary>What a command printed, and its exit code.</summary>
internal readonly record struct CommandOutcome(string Out, string Error, int ExitCode)
{
    /// <summary>As the transcripts have it.</summary>
    public override string ToString()
    {
        var error = Error.Length == 0 ? "" : string.Concat(Lines(Error).Select(line => $"2> {line}\n"));
        var output = Out.Length == 0 ? "" : Out.EndsWith('\n') ? Out : Out + "<no newline>\n";
        return $"{output}{error}[{ExitCode}]\n";
    }

    private static string[] Lines(string text) => (text.EndsWith('\n') ? text[..^1] : text).Split('\n');
}

/// <summary>Runs command lines in this process.</summary>
internal static class CommandRunner
{
    public static CommandOutcome Run(IQanatClient client, Func<string, bool> deviceExists, params string[] args) =>
        Run(() => client, () => throw new InvalidOperationException("not a command about xfrm"), deviceExists, args);

    public static CommandOutcome Run(IXfrmClient client, Func<string, bool> deviceExists, params string[] args) =>
        Run(() => throw new InvalidOperationException("not a command about tunnels"), () => client, deviceExists, args);

    public static CommandOutcome Run(IQanatClient client, params string[] args) => Run(client, name => name == "lo", args);

    public static CommandOutcome Run(VpnSurroundings vpn, params string[] args) => Run(
        () => throw new InvalidOperationException("not a command about tunnels"),
        () => throw new InvalidOperationException("not a command about xfrm"), _ => false, args, vpn);

    private static CommandOutcome Run(
        Func<IQanatClient> connect, Func<IXfrmClient> connectXfrm, Func<string, bool> deviceExists, string[] args,
        VpnSurroundings? vpn = null)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var session = new Session
        {
            Out = output, Error = error, Connect = connect, ConnectXfrm = connectXfrm, DeviceExists = deviceExists,
            Vpn = vpn ?? new(),
        };
        var exitCode = App.Run(args, session);
        return new(output.ToString(), error.ToString(), exitCode);
    }
}
