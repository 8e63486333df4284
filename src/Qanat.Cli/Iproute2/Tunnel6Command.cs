namespace Qanat.Cli.Iproute2;

/// <summary><c>-6 tunnel</c>. Its grammar is whole; of its modes none is carried yet, so there is no tunnel to show or to change.</summary>
/// <param name="options">The options before <c>tunnel</c>.</param>
/// <param name="session">What it works with.</param>
internal sealed class Tunnel6Command(GlobalOptions options, Session session)
{
    private readonly Tunnel6Grammar _grammar = new(session.DeviceExists);
    private readonly TunnelCalls _calls = new(session.Connect());

    /// <summary>Runs the command.</summary>
    /// <param name="args">What follows <c>tunnel</c>.</param>
    /// <exception cref="CommandFailure">It cannot be done.</exception>
    public void Run(IReadOnlyList<string> args)
    {
        var words = new Words(args);
        var verb = words.MoveNext() ? TunnelVerbs.Find(words.Current) : TunnelVerb.Show;
        switch (verb)
        {
            case TunnelVerb.Add:
                throw NotCarried(_grammar.Parse(words));
            case TunnelVerb.Change:
                throw NotCarried(_grammar.Parse(words, name => throw TunnelCalls.Absent("get", name, session.DeviceExists)));
            case TunnelVerb.Delete:
                Delete(_grammar.Parse(words));
                break;
            case TunnelVerb.Show:
                Show(_grammar.Parse(words));
                break;
            case TunnelVerb.Help:
                throw TunnelUsage.IPv6();
            default:
                throw CommandFailure.Nonsense($"Command \"{words.Current}\" is unknown, try \"qanat -f inet6 tunnel help\".");
        }
    }

    private CommandFailure NotCarried(Tunnel6Request request)
    {
        if (request.Name.Length == 0)
            session.Error.Write("Tunnel interface name not specified\n");
        return TunnelCommand.NotCarried(request.Mode);
    }

    // A name is all that a deletion looks at, so it takes a tunnel over IPv4 as well.
    private void Delete(Tunnel6Request request)
    {
        var name = request.Name.Length > 0 ? request.Name : request.BaseDevice;
        _calls.Attempt("delete", name, tunnels => tunnels.Delete(name));
    }

    private void Show(Tunnel6Request request)
    {
        if (request.Name.Length > 0 && !options.Statistics)
            throw TunnelCalls.Absent("get", request.Name, session.DeviceExists);
        session.Renderer(options).List([]);
    }
}
