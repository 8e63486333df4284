namespace Qanat.Cli.Iproute2;

/// <summary><c>tunnel</c>: reads the words, asks the daemon, prints the answer; all in iproute2's texts.</summary>
/// <param name="options">The options before <c>tunnel</c>.</param>
/// <param name="session">What it works with.</param>
internal sealed class TunnelCommand(GlobalOptions options, Session session) : TunnelVerbCommand
{
    private readonly TunnelGrammar _grammar = new(session.Tos, session.DeviceExists);
    private readonly TunnelCalls _calls = new(session.Connect(), mode => TunnelMode.Find(mode) is not null);

    protected override string SeeHelp => "\"qanat tunnel help\"";

    // The options and the mode tell which IP version is meant.
    public override void Run(IReadOnlyList<string> args)
    {
        var family = AsksForIPv6(args) ? AddressFamilyOption.Inet6 : options.Family;
        if (family == AddressFamilyOption.Inet6)
        {
            new Tunnel6Command(options, session).Run(args);
            return;
        }
        if (family is not (AddressFamilyOption.Unspecified or AddressFamilyOption.Inet))
            throw CommandFailure.Nonsense($"Unsupported protocol family: {(int)family}");

        base.Run(args);
    }

    protected override bool TryRun(TunnelVerb verb, Words words)
    {
        var routers = new RouterCommand(session.Connect());
        if (verb == TunnelVerb.Prl)
            routers.Prl(words);
        else
            routers.SixRd(words);
        return true;
    }

    protected override CommandFailure Usage() => TunnelUsage.IPv4();

    protected override void Add(Words words)
    {
        var request = _grammar.Parse(words);
        var mode = CheckMode(request);
        _calls.Attempt("add", mode.BaseDevice, tunnels => tunnels.Add(request.ToSpec()));
    }

    protected override void Change(Words words)
    {
        var request = _grammar.Parse(words, name => TunnelRequest.From(_calls.Get(name).Spec));
        var mode = CheckMode(request);
        var name = request.Name.Length > 0 ? request.Name : Identify(request, "add", mode.BaseDevice);
        _calls.Attempt("add", request.Name.Length > 0 ? name : mode.BaseDevice,
            tunnels => tunnels.Change(name, request.ToSpec(tunnels.Get(name).Spec)));
    }

    protected override void Delete(Words words)
    {
        var request = _grammar.Parse(words);
        var device = request.Name.Length > 0 || request.Mode is null ? request.Name : request.Mode.BaseDevice;
        if (Tunnel6Mode.All.Any(mode => mode.BaseDevice == device))
            throw TunnelCalls.NotFound("delete", device); // the kernel takes the words for IPv6's, and finds no such tunnel
        var name = device == request.Name ? device : Identify(request, "delete", device);
        _calls.Attempt("delete", device, tunnels => tunnels.Delete(name));
    }

    // With a mode, given or told by the name, one device is asked for, and must be there. Without, a list is filtered.
    protected override void Show(Words words)
    {
        var request = _grammar.Parse(words);
        var renderer = session.Renderer(options);
        if (request.Mode is { } mode)
        {
            var name = request.Name.Length > 0 ? request.Name
                : _calls.Find(spec => request.Identifies(TunnelRequest.From(spec))) ?? mode.BaseDevice;
            renderer.Single(_calls.Get(name));
        }
        else
        {
            renderer.List(_calls.List().Where(tunnel => request.Selects(TunnelRequest.From(tunnel.Spec))));
        }
    }

    private string Identify(TunnelRequest request, string what, string baseDevice) => _calls.Identify(
        spec => request.Identifies(TunnelRequest.From(spec)),
        request.Remote.IsAny && request.Local.IsAny && request.Dev is null && request.Gre.RequiredKey is null, what, baseDevice);

    private static TunnelMode CheckMode(TunnelRequest request)
    {
        if (request.Ttl != 0 && !request.Pmtudisc)
            throw CommandFailure.Refusal("ttl != 0 and nopmtudisc are incompatible");
        return request.Mode ?? throw CommandFailure.Refusal("cannot determine tunnel mode (ipip, gre, vti or sit)");
    }

    // The first "mode" with a word after it decides, whatever -4 or -6 said.
    private static bool AsksForIPv6(IReadOnlyList<string> args)
    {
        for (var i = 0; i + 1 < args.Count; i++)
            if (args[i] == "mode")
                return Tunnel6Mode.Find(args[i + 1]) is not null;
        return false;
    }
}
