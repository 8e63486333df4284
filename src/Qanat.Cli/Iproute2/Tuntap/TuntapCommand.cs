using Qanat.Linux;
using Qanat.Linux.Devices;
using Qanat.Linux.Netlink;
using Qanat.Packets;

namespace Qanat.Cli.Iproute2.Tuntap;

/// <summary>
/// <c>tuntap</c>: persistent TUN and TAP devices, made, removed and shown in iproute2's texts. It asks the kernel itself and
/// needs no daemon.
/// </summary>
/// <param name="options">The options before <c>tuntap</c>.</param>
/// <param name="session">What it works with.</param>
internal sealed class TuntapCommand(GlobalOptions options, Session session)
{
    // The kernel's for nobody, and ip's for nothing said: `user -1` is taken, and does nothing.
    private const ulong Nobody = ulong.MaxValue;

    /// <summary>Runs the command.</summary>
    /// <param name="args">What follows <c>tuntap</c>.</param>
    /// <exception cref="CommandFailure">It cannot be done.</exception>
    public void Run(IReadOnlyList<string> args)
    {
        var words = new Words(args);
        if (!words.MoveNext())
            Show();
        else if (Words.Abbreviates(words.Current, "add"))
            Add(TuntapGrammar.Parse(words, owners: true));
        else if (Words.Abbreviates(words.Current, "delete"))
            Delete(TuntapGrammar.Parse(words, owners: false));
        else if (Array.Exists(["show", "lst", "list"], verb => Words.Abbreviates(words.Current, verb)))
            Show(); // whatever follows, as ip has it
        else if (Words.Abbreviates(words.Current, "help"))
            throw TuntapGrammar.Usage();
        else
            throw CommandFailure.Nonsense($"Command \"{words.Current}\" is unknown, try \"qanat tuntap help\".");
    }

    private static void Add(TuntapRequest request)
    {
        using var device = Open(request, TunOpenMode.Create);
        if (request.User is { } user and not Nobody)
            Attempt("TUNSETOWNER", () => device.SetOwner((uint)user));
        if (request.Group is { } group and not Nobody)
            Attempt("TUNSETGROUP", () => device.SetGroup((uint)group));
        Attempt("TUNSETPERSIST", () => device.SetPersistent(true));
    }

    // What is not there is made for the moment, and goes: no error, as ip has it.
    private static void Delete(TuntapRequest request)
    {
        using var device = Open(request, TunOpenMode.CreateOrAttach);
        Attempt("TUNSETPERSIST", () => device.SetPersistent(false));
    }

    private void Show()
    {
        using var netlink = new RouteNetlink();
        var renderer = new TuntapRenderer(session.Out, options, session.Palette(options));
        renderer.List(netlink.Links.List().Where(link => link.Kind == "tun"), options.Details ? TunHolder.List() : []);
    }

    private static TunDevice Open(TuntapRequest request, TunOpenMode mode)
    {
        var options = request.ToOptions(mode);
        try
        {
            return TunDevice.Open(request.Name, options);
        }
        catch (LinuxException fault)
        {
            var call = fault.Operation == $"open {options.Node}" ? "open" : "ioctl(TUNSETIFF)";
            var missing = call == "open" || fault.Error == Errno.EPERM ? $"\n{fault.Detail}; {fault.Hint}" : "";
            throw CommandFailure.Refusal($"{call}: {Errno.Text(fault.Error)}{missing}");
        }
        catch (PortClosedException)
        {
            throw Gone("TUNSETIFF");
        }
    }

    private static void Attempt(string request, Action call)
    {
        try
        {
            call();
        }
        catch (LinuxException fault)
        {
            throw CommandFailure.Refusal($"ioctl({request}): {Errno.Text(fault.Error)}");
        }
        catch (PortClosedException)
        {
            throw Gone(request);
        }
    }

    // Somebody deleted the device while we had it open.
    private static CommandFailure Gone(string request) => CommandFailure.Refusal($"ioctl({request}): {Errno.Text(Errno.EBADFD)}");
}
