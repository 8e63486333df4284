using Qanat.Cli.Client;
using Qanat.Daemon.Api;
using Qanat.Linux;

namespace Qanat.Cli.Iproute2.L2tp;

/// <summary><c>l2tp</c>: static tunnels and sessions of L2TPv3, in iproute2's texts. A session is a tunnel of mode l2tp.</summary>
/// <param name="options">The options before <c>l2tp</c>.</param>
/// <param name="session">What it works with.</param>
internal sealed class L2tpCommand(GlobalOptions options, Session session)
{
    private readonly IQanatClient _client = session.Connect();

    /// <summary>Runs the command.</summary>
    /// <param name="args">What follows <c>l2tp</c>.</param>
    /// <exception cref="CommandFailure">It cannot be done.</exception>
    public void Run(IReadOnlyList<string> args)
    {
        var words = new Words(args);
        if (!words.MoveNext() || Words.Abbreviates(words.Current, "help"))
            throw L2tpGrammar.Usage();
        if (Words.Abbreviates(words.Current, "add"))
            Add(new L2tpGrammar(words, session.Error));
        else if (Words.Abbreviates(words.Current, "delete"))
            Delete(new L2tpGrammar(words, session.Error));
        else if (Array.Exists(["show", "list", "lst"], verb => Words.Abbreviates(words.Current, verb)))
            Show(new L2tpGrammar(words, session.Error));
        else
            throw CommandFailure.Nonsense($"Command \"{words.Current}\" is unknown, try \"qanat l2tp help\".");
    }

    private void Add(L2tpGrammar request)
    {
        if (request.IsTunnel)
        {
            var tunnel = request.ToTunnel();
            NetlinkAnswers.Attempt(() => _client.AddL2tpTunnel(tunnel));
        }
        else
        {
            var spec = request.ToSession();
            NetlinkAnswers.Attempt(() => _client.Add(spec));
        }
    }

    private void Delete(L2tpGrammar request)
    {
        if (request.IsTunnel)
        {
            var id = L2tpGrammar.Required("tunnel_id", request.TunnelId);
            NetlinkAnswers.Attempt(() => _client.DeleteL2tpTunnel(id));
            return;
        }
        var (tunnel, number) = request.ToSessionName();
        var name = Sessions().FirstOrDefault(spec => spec.L2tp is { } l2tp && (l2tp.TunnelId, l2tp.SessionId) == (tunnel, number))?.Name
            ?? throw NetlinkAnswers.From(Errno.ENODEV);
        NetlinkAnswers.Attempt(() => _client.Delete(name));
    }

    // Where ip shows all of them whatever identifier is given, it is the one that is shown.
    private void Show(L2tpGrammar request)
    {
        var renderer = new L2tpRenderer(session.Out, options);
        var tunnels = NetlinkAnswers.Attempt(_client.ListL2tpTunnels);
        if (request.IsTunnel)
            renderer.Tunnels(tunnels.Where(tunnel => request.TunnelId is 0 || tunnel.TunnelId == request.TunnelId));
        else
            renderer.Sessions(
                from spec in Sessions()
                where (request.TunnelId is 0 || spec.L2tp!.TunnelId == request.TunnelId) &&
                    (request.SessionId is 0 || spec.L2tp!.SessionId == request.SessionId)
                select (spec, tunnels.FirstOrDefault(tunnel => tunnel.TunnelId == spec.L2tp!.TunnelId)));
    }

    private IEnumerable<TunnelSpec> Sessions() =>
        NetlinkAnswers.Attempt(_client.List).Select(tunnel => tunnel.Spec).Where(spec => spec.L2tp is not null);
}
