using System.CommandLine;
using System.Runtime.InteropServices;
using Qanat.Cli.Echo;
using Qanat.Cli.Iproute2;
using Qanat.Hosts;
using Qanat.Linux;
using Qanat.Packets;

namespace Qanat.Cli.Commands;

/// <summary><c>qanat echo</c>: the host behind a TUN or TAP device, that answers pings.</summary>
internal static class EchoCommand
{
    // The loop wakes this often when nothing comes, to look at the clock and the device's MTU.
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(1);

    /// <summary>The command.</summary>
    public static Command Create(GlobalOptions options, Session session)
    {
        var words = new Argument<string[]>("words")
        {
            Description = "dev NAME [ mode tun | tap ] address ADDRESS/LENGTH [ address ... ] [ host ADDRESS/LENGTH ] " +
                "[ lladdr MAC ] [ count N ] [ quiet ]",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var json = new Option<bool>("--json", "-j") { Description = "Print a JSON object for each exchange, and one at the end" };
        const string description = "Be the host behind a TUN or TAP device: answer ARP, neighbour discovery, pings and traceroutes.\n" +
            "A device that does not exist is made (a TAP when its name begins with tap), and goes at the end.";
        var command = new Command("echo", description) { words, json };
        command.SetAction(parsed => Run(EchoGrammar.Parse(parsed.GetValue(words)), parsed.GetValue(json) || options.Json, session));
        return command;
    }

    private static int Run(EchoRequest request, bool json, Session session)
    {
        using var device = EchoDevice.Open(request);
        if (request.LinkLayerAddress is not null && device.Link == HostLink.Ip)
            throw CommandFailure.Refusal($"echo: {request.Device} is a TUN, which has no Ethernet addresses. Leave \"lladdr\" out.");
        var who = new HostOptions
        {
            Link = device.Link,
            MacAddress = device.Link == HostLink.Ethernet ? request.LinkLayerAddress ?? MadeOf(request) : default,
            Mtu = device.Port.Mtu,
            IPv4 = request.IPv4,
            IPv6 = request.IPv6,
        };
        if (device.Link == HostLink.Ethernet && who.MacAddress == device.Port.MacAddress)
            throw CommandFailure.Refusal($"echo: {who.MacAddress} is the address of {request.Device} itself. Give \"lladdr\" another.");

        var printer = new EchoPrinter(session.Out, json, request.Quiet, who.MacAddress, TimeProvider.System);
        using var host = new Host(who, device.Port, TimeProvider.System, printer);
        if (!json)
            session.Out.Write(EchoGreeting.Text(request, who, device));
        session.Out.Flush();
        var ending = Serve(request, device, host, printer, session);
        if (ending == Ending.Unread)
            return 0;
        printer.Summarize(host);
        session.Out.Flush();
        return ending == Ending.Deleted
            ? throw CommandFailure.Refusal($"echo: {request.Device} is gone: somebody deleted it.")
            : 0;
    }

    private static Ending Serve(EchoRequest request, EchoDevice device, Host host, EchoPrinter printer, Session session)
    {
        var stopped = false;
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var batch = new PacketBatch();
        try
        {
            while (!(printer.Answered >= request.Count))
            {
                if (device.Port.Wait(Round))
                {
                    device.Port.Receive(batch);
                    host.Answer(batch);
                    batch.Clear();
                }
                if (printer.Tick())
                    host.Mtu = device.Port.Mtu;
                session.Out.Flush();
            }
            return Ending.Done;
        }
        catch (PortClosedException)
        {
            return Volatile.Read(ref stopped) ? Ending.Done : Ending.Deleted;
        }
        catch (IOException closed) when (Errno.Of(closed) == Errno.EPIPE)
        {
            return Ending.Unread;
        }

        // Disposing the device ends the wait.
        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            Volatile.Write(ref stopped, true);
            device.Port.Dispose();
        }
    }

    // 02:00 and the last four bytes of its first address: the same each time, and easy to know again.
    private static MacAddress MadeOf(EchoRequest request)
    {
        const ulong locallyAdministered = 0x0200_0000_0000;
        var tail = request.IPv4 is [var four, ..] ? four.Address.Value : (uint)request.IPv6[0].Address.Value;
        return new(locallyAdministered | tail);
    }

    private enum Ending
    {
        Done,
        Deleted,

        /// <summary>Nobody reads what is printed any more: <c>| head</c>.</summary>
        Unread,
    }
}
