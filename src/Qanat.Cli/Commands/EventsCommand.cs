using System.Buffers;
using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text;
using Qanat.Cli.Iproute2;
using Qanat.Cli.Sight;
using Qanat.Daemon.WireGuard.Sight;

namespace Qanat.Cli.Commands;

/// <summary><c>qanat events</c>: what happens to WireGuard interfaces and their peers, a line of JSON each.</summary>
internal static class EventsCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Session session)
    {
        var name = InterfaceArgument.Create("The interface; all, those that come later included, when it is not given", session);
        const string description =
            "Print what happens to WireGuard interfaces and their peers, a line of JSON each, until Ctrl-C or until the interface ends.";
        var command = new Command("events", description) { name };
        command.SetAction(parsed => Run(InterfaceArgument.Find(parsed.GetValue(name), session), session));
        return command;
    }

    private static int Run(string? name, Session session)
    {
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        var gatherer = new EventGatherer(session.Interfaces(), reason => session.Error.Write($"{reason}\n"));
        try
        {
            var line = new ArrayBufferWriter<byte>();
            var events = name is null ? gatherer.ListenToAll(stop.Token) : gatherer.ListenTo(name, stop.Token);
            foreach (var happened in events.ToBlockingEnumerable(stop.Token))
            {
                line.ResetWrittenCount();
                JsonLine.Write(line, happened, SightJson.Default.InterfaceEvent);
                session.Out.Write(Encoding.UTF8.GetString(line.WrittenSpan));
                session.Out.Flush();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
        catch (SilentInterfaceException silent)
        {
            throw CommandFailure.Refusal(silent.Message);
        }
        return 0;

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true; // what has been printed is whole
            stop.Cancel();
        }
    }
}
