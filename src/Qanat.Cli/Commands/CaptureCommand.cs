using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using Qanat.Cli.Capture;
using Qanat.Cli.Client;
using Qanat.Cli.Iproute2;
using Qanat.Linux;
using Qanat.Linux.Netlink;
using Qanat.Linux.Sockets;

namespace Qanat.Cli.Commands;

/// <summary><c>qanat capture</c>: the packets of a device, inside and outside of our own tunnels.</summary>
internal static class CaptureCommand
{
    /// <summary>The command.</summary>
    public static Command Create(GlobalOptions options, Session session)
    {
        var words = new Argument<string[]>("device and filter")
        {
            Description = "The device (any for all), then a filter as tcpdump has it",
        };
        var more = new Option<string[]>("--dev", "-i") { Description = "A further device; may be repeated", HelpName = "DEV" };
        var output = new Option<string?>("--write", "-w") { Description = "Write a pcapng file, - for standard output", HelpName = "FILE" };
        var input = new Option<string?>("--read", "-r") { Description = "Read a pcapng file in place of a device", HelpName = "FILE" };
        var count = new Option<int>("--count", "-c") { Description = "End after N packets", HelpName = "N" };
        var snap = new Option<int>("--snap-length", "-s") { Description = "Keep so many bytes of each packet", HelpName = "BYTES" };
        var json = new Option<bool>("--json", "-j") { Description = "Print an object of JSON for each packet" };
        var ether = new Option<bool>("--link-header", "-e") { Description = "Print link-layer headers too" };
        var hex = new Option<bool>("--hex", "-x") { Description = "Print the bytes too" };
        var promiscuous = new Option<bool>("--promiscuous") { Description = "See frames that are for other hosts too" };
        foreach (var number in (Option<int>[])[count, snap])
            number.CustomParser = result =>
            {
                if (!int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value < 1)
                    result.AddError($"{number.Name}: a number above 0 is expected.");
                return value;
            };
        var command = new Command("capture", "Show or record the packets of a device; of our own tunnels, both inside and outside.")
        {
            words, more, output, input, count, snap, json, ether, hex, promiscuous,
        };
        command.SetAction(parsed =>
        {
            var given = parsed.GetValue(words) ?? [];
            var file = parsed.GetValue(input);
            string[] devices = [.. file is null ? given.Take(1) : [], .. parsed.GetValue(more) ?? []];
            if (file is null && devices.Length == 0)
                throw CommandFailure.Nonsense("A device is expected, any for all of them: qanat capture DEV");
            if (parsed.GetValue(output) is not null && (parsed.GetValue(json) || options.Json))
                throw CommandFailure.Nonsense("--write makes a pcapng file, and --json lines: give one of them.");
            var filter = file is null && given.Length > 0 ? given[1..] : given;
            return Run(session, new()
            {
                Devices = devices,
                Expression = string.Join(' ', filter),
                Input = file,
                Output = parsed.GetValue(output),
                Count = parsed.GetValue(count),
                SnapLength = parsed.GetValue(snap),
                Json = parsed.GetValue(json) || options.Json,
                LinkHeader = parsed.GetValue(ether),
                Hexadecimal = parsed.GetValue(hex),
                Promiscuous = parsed.GetValue(promiscuous),
            });
        });
        return command;
    }

    private static int Run(Session session, CaptureRequest request)
    {
        using var filters = new CaptureFilters(request.Expression);
        List<ICaptureSource> sources = [];
        try
        {
            var own = request.Input is not null;
            if (request.Input is { } file)
                sources.Add(new RecordedSource(OpenFile(file), filters));
            foreach (var device in request.Devices)
                sources.Add(OpenDevice(session, device, request, filters, ref own));
            using var sink = Sink(session, request, named: own || request.Devices.Count > 1 || request.Devices.Contains("any"));
            return Run(session, request, sink, sources);
        }
        catch (LinuxException fault)
        {
            throw CommandFailure.Refusal(fault.Message);
        }
        catch (InvalidDataException damaged)
        {
            throw CommandFailure.Refusal($"{request.Input ?? "the daemon"}: {damaged.Message}");
        }
        finally
        {
            foreach (var source in sources)
                source.Dispose();
        }
    }

    private static int Run(Session session, CaptureRequest request, ICaptureSink sink, List<ICaptureSource> sources)
    {
        using var run = new CaptureRun(sink, request.Count);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        if (request.Input is null)
            Say(session, $"capturing on {string.Join(", ", request.Devices)}; Ctrl-C ends it");
        try
        {
            var dropped = run.Run(sources);
            if (request.Input is null)
                Say(session, $"{run.Packets} packets captured, {dropped} lost for want of room");
            return 0;
        }
        catch (CaptureOutputException closed)
        {
            return closed.IsClosedPipe ? 0 : throw CommandFailure.Refusal($"Cannot write: {closed.Message}");
        }

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            run.Stop();
        }
    }

    private static void Say(Session session, string line)
    {
        session.Out.Flush();
        session.Error.Write(line + "\n");
    }

    // Our own tunnel's packets come from the daemon, which knows what is inside what.
    private static ICaptureSource OpenDevice(
        Session session, string name, CaptureRequest request, CaptureFilters filters, ref bool own)
    {
        if (name == "any")
            return new DeviceSource(null, request, filters);
        using var netlink = new RouteNetlink();
        var link = netlink.Links.Find(name) ?? throw CommandFailure.NoDevice(name);
        try
        {
            if (link.Kind == "tun" && session.Connect().Capture(name, request.SnapLength) is { } stream)
            {
                own = true;
                return new RecordedSource(stream, filters);
            }
        }
        catch (ApiException refused)
        {
            throw CommandFailure.Refusal($"Cannot ask the daemon: {refused.Message}\n{refused.Hint}".TrimEnd());
        }

        return CaptureSocket.LinkTypeOf(link.Type) is not null
            ? new DeviceSource(link, request, filters)
            : throw CommandFailure.Refusal($"{name} has packets that qanat cannot read (link type {(int)link.Type}); use tcpdump");
    }

    private static ICaptureSink Sink(Session session, CaptureRequest request, bool named)
    {
        if (request.Output is not { } file)
            return new PrintingSink(session.Out, request, named);
        try
        {
            // Without a buffer: the sink has one, and what a full disk refuses is not to be tried again at the end.
            return new PcapngSink(file == "-" ? StandardStream.Output() : File.Create(file, bufferSize: 0), request.SnapLength);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException { ParamName: "path" })
        {
            throw CommandFailure.Refusal($"Cannot write {file}: {Why(file, fault)}");
        }
    }

    private static Stream OpenFile(string file)
    {
        try
        {
            return file == "-" ? Console.OpenStandardInput() : new BufferedStream(File.OpenRead(file), 1 << 16);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException { ParamName: "path" })
        {
            throw CommandFailure.Refusal($"Cannot read {file}: {Why(file, fault)}");
        }
    }

    // Of a folder .NET says that access is denied.
    private static string Why(string file, Exception fault) =>
        Directory.Exists(file) ? "Is a directory" : Errno.Text(Errno.Of(fault));
}
