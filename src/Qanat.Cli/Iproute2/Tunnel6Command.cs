namespace Qanat.Cli.Iproute2;

/// <summary><c>-6 tunnel</c>: tunnels over IPv6.</summary>
/// <param name="options">The options before <c>tunnel</c>.</param>
/// <param name="session">What it works with.</param>
internal sealed class Tunnel6Command(GlobalOptions options, Session session) : TunnelVerbCommand
{
    private readonly Tunnel6Grammar _grammar = new(session.DeviceExists);
    private readonly TunnelCalls _calls = new(session.Connect(), mode => Tunnel6Mode.OfSpec(mode) is not null);

    protected override string SeeHelp => "\"qanat -f inet6 tunnel help\".";

    protected override CommandFailure Usage() => TunnelUsage.IPv6();

    protected override void Add(Words words)
    {
        var request = _grammar.Parse(words, new());
        MissName(request);
        _calls.Attempt("add", request.Mode.BaseDevice, tunnels => tunnels.Add(request.ToSpec()));
    }

    protected override void Change(Words words)
    {
        var request = _grammar.Parse(words, new(), name => Tunnel6Request.From(_calls.Get(name).Spec));
        MissName(request);
        var name = request.Name.Length > 0 ? request.Name : request.Mode.BaseDevice;
        _calls.Attempt("add", name, tunnels => tunnels.Change(name, request.ToSpec(tunnels.Get(name).Spec)));
    }

    // A name is all that a deletion looks at, so it takes a tunnel over IPv4 as well.
    protected override void Delete(Words words)
    {
        var request = _grammar.Parse(words, new());
        var device = request.Name.Length > 0 ? request.Name : request.Mode.BaseDevice;
        var name = request.Name.Length > 0 ? request.Name : Identify(request);
        _calls.Attempt("delete", device, tunnels => tunnels.Delete(name));
    }

    protected override void Show(Words words)
    {
        var request = _grammar.Parse(words, Tunnel6Request.Everything);
        var renderer = session.Renderer6(options);
        if (request.Name.Length > 0 && !options.Statistics)
            renderer.Single(_calls.Get(request.Name));
        else
            renderer.List(_calls.List().Where(tunnel => request.Selects(Tunnel6Request.From(tunnel.Spec))));
    }

    private string Identify(Tunnel6Request request) => _calls.Identify(
        spec => request.Identifies(Tunnel6Request.From(spec)),
        request.Remote.IsAny && request.Local.IsAny && request.Dev is null, "delete", request.Mode.BaseDevice);

    // A complaint, and no more: the tunnel gets a name.
    private void MissName(Tunnel6Request request)
    {
        if (request.Name.Length == 0)
            session.Error.Write("Tunnel interface name not specified\n");
    }
}
