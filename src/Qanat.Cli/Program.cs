using System.Text;
using Qanat.Cli;
using Qanat.Cli.Client;
using Qanat.Cli.Commands;
using Qanat.Cli.Iproute2;
using Qanat.Daemon;
using Qanat.Linux;
using Qanat.Linux.Netlink;

// Streams of our own: Console's would look at terminals and encodings first, and write to the terminal.
var output = new StreamWriter(StandardStream.Output(), new UTF8Encoding(false), 16 * 1024);
var error = new StreamWriter(StandardStream.Error(), new UTF8Encoding(false), 1024) { AutoFlush = true };
try
{
    var exitCode = App.Run(CalledAs(WireGuardProgram.Name) ? [WireGuardProgram.Name, .. args] : args, new Session
    {
        Out = output,
        Error = error,
        Connect = Connect,
        ConnectXfrm = Connect,
        DeviceExists = DeviceExists,
        Protocols = ProtocolNames.OfThisMachine(),
        Tos = DsFields.OfThisMachine(),
        Palette = options => Palette.For(options, !Console.IsOutputRedirected, Environment.GetEnvironmentVariable("COLORFGBG")),
    });
    output.Dispose(); // what is buffered goes out here, where a failure still has a line of its own
    return exitCode;
}
catch (LinuxException closed) when (closed.Error == Errno.EPIPE)
{
    return 128 + 13; // SIGPIPE, by which ip ends when nobody reads any more; .NET ignores it
}
catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
{
    error.Write($"qanat: {fault.Message}\n");
    return CommandFailure.Refused;
}

// The name that a link to this program was called by; .NET gives the program's own.
static bool CalledAs(string name)
{
    var words = File.ReadAllBytes("/proc/self/cmdline").AsSpan();
    var own = words[..Math.Max(0, words.IndexOf((byte)0))];
    return own[(own.LastIndexOf((byte)'/') + 1)..].SequenceEqual(Encoding.UTF8.GetBytes(name));
}

static QanatClient Connect()
{
    var paths = DaemonPaths.ForThisNamespace();
    return new(paths, new DaemonLauncher(paths), DeviceExists);
}

static bool DeviceExists(string name)
{
    using var netlink = new RouteNetlink();
    return netlink.Links.Find(name) is not null;
}
