using Qanat.Cli.Client;
using Qanat.Daemon.Api;
using Qanat.Linux;
using Qanat.Linux.Netlink;

namespace Qanat.Cli.Iproute2.Links;

/// <summary><c>link</c>: tunnels as <c>ip link</c> makes, changes and shows them, with what <c>ip tunnel</c> has no words for.</summary>
/// <param name="options">The options before <c>link</c>.</param>
/// <param name="session">What it works with.</param>
internal sealed class LinkCommand(GlobalOptions options, Session session)
{
    private readonly IQanatClient _client = session.Connect();

    /// <summary>Runs the command.</summary>
    /// <param name="args">What follows <c>link</c>.</param>
    /// <exception cref="CommandFailure">It cannot be done.</exception>
    public void Run(IReadOnlyList<string> args)
    {
        var words = new Words(args);
        if (!words.MoveNext())
            Show(words);
        else if (words.Is("add"))
            Add(words);
        else if (words.Is("set") || words.Is("change"))
            Set(words);
        else if (words.Is("replace"))
            throw CommandFailure.Refusal("qanat link has no \"replace\": use \"change\", or \"del\" and \"add\".");
        else if (words.Is("delete"))
            Delete(words);
        else if (words.Is("show") || words.Is("lst") || words.Is("list"))
            Show(words);
        else if (words.Is("help"))
            Help(words);
        else if (words.Current is "xstats" or "afstats" or "property")
            throw CommandFailure.Refusal($"qanat link has no \"{words.Current}\": use ip link, for its devices are ordinary ones.");
        else
            throw CommandFailure.Nonsense($"Command \"{words.Current}\" is unknown, try \"qanat link help\".");
    }

    private void Add(Words words)
    {
        var request = LinkRequest.Parse(words);
        if (request.Type is not { } type)
            throw CommandFailure.Refusal("Not enough information: \"type\" argument is required");
        var grammar = GrammarOf(type);
        var spec = grammar.Default();
        grammar.Read(words, spec, isNew: true);
        spec.Name = request.Name;
        if (grammar.Notice is { } notice)
            session.Error.Write(notice);
        try
        {
            _client.Add(spec);
        }
        catch (ApiException refused)
        {
            throw Refused(refused, spec);
        }
        if (request.SetsDevice)
            SetUp(request);
    }

    private void Set(Words words)
    {
        var request = LinkRequest.Parse(words);
        if (request.Name.Length == 0)
            throw CommandFailure.Nonsense("Not enough information: \"dev\" argument is required.");
        var tunnel = Find(request.Name);
        if (request.Type is { } type && words.HasNext)
            Change(tunnel, type, words);
        else if (request.Type == "vxlan")
            throw VxlanGrammar.NothingGiven();
        Apply(tunnel.Index, request); // of a type without words the kernel takes no notice, whatever it is
    }

    // ip reads the words first, by the grammar of a type that it knows; the kernel looks at the type.
    private void Change(TunnelReport tunnel, string type, Words words)
    {
        var kind = LinkKind.Of(tunnel.Spec);
        if (TypeGrammar.Of(type, session.Tos, session.DeviceExists) is not { } grammar)
            throw Foreign(type, words);
        if (!kind.IsReadAs(type))
            throw CommandFailure.Refusal("Failed to get existing tunnel info.");
        var spec = kind.Type == type ? tunnel.Spec with { } : grammar.Default();
        grammar.Read(words, spec, isNew: false);
        if (kind.Type != type)
            throw NetlinkAnswers.From(Errno.EOPNOTSUPP);
        if (FallbackDevices.Has(tunnel.Spec.Name))
            throw NetlinkAnswers.From(Errno.EINVAL);
        NetlinkAnswers.Attempt(() => _client.Change(tunnel.Spec.Name, spec));
    }

    private static CommandFailure Foreign(string type, Words words)
    {
        words.MoveNext();
        return words.Is("help") ? LinkUsage.Link()
            : LinkKind.IsForeign(type) ? NetlinkAnswers.From(Errno.EOPNOTSUPP)
            : CommandFailure.Refusal($"Garbage instead of arguments \"{words.Current} ...\". Try \"qanat link help\".");
    }

    private void Delete(Words words)
    {
        var request = LinkRequest.Parse(words);
        if (request.Name.Length == 0)
            throw CommandFailure.Nonsense("Not enough information: \"dev\" argument is required.");
        _ = Find(request.Name);
        if (!FallbackDevices.Has(request.Name)) // of which the kernel says yes, and lets them be
            NetlinkAnswers.Attempt(() => _client.Delete(request.Name)); // whatever type it is said to be of
    }

    private void Show(Words words)
    {
        var filter = LinkFilter.Parse(words);
        if (filter.Name is { } name && !session.DeviceExists(name))
            throw CommandFailure.Refusal($"Device \"{name}\" does not exist.");
        List<(TunnelReport, Link)> shown;
        if (filter.Name is { } one)
            shown = session.Links.Find(one) is { } device ? [(Find(one), device)] : [];
        else
        {
            var tunnels = NetlinkAnswers.Attempt(_client.List).ToDictionary(tunnel => tunnel.Index);
            shown = [.. from device in session.Links.List()
                        where tunnels.ContainsKey(device.Index)
                        select (tunnels[device.Index], device)];
        }
        new LinkRenderer(session.Out, options, session.Palette(options)).List(shown.Where(filter.Selects));
    }

    private void Help(Words words)
    {
        if (!words.MoveNext())
            throw LinkUsage.Link();
        _ = GrammarOf(words.Current);
        session.Out.Write(LinkUsage.Text(words.Current) + "\n");
    }

    // A tunnel that cannot be as it was asked for is not left half done.
    private void SetUp(LinkRequest request)
    {
        var unnamed = request.Name.Length == 0 || request.Name.Contains('%');
        var made = _client.List().Where(tunnel => unnamed || tunnel.Spec.Name == request.Name).MaxBy(tunnel => tunnel.Index);
        if (made is null)
            return; // somebody was faster to delete it
        try
        {
            Apply(made.Index, request);
        }
        catch (CommandFailure)
        {
            _client.Delete(made.Spec.Name);
            throw;
        }
    }

    private void Apply(int index, LinkRequest request)
    {
        try
        {
            session.Links.Set(index, request.Mtu, request.Address, request.Up);
        }
        catch (LinuxException fault)
        {
            throw NetlinkAnswers.From(fault.Error);
        }
    }

    private TypeGrammar GrammarOf(string type) => TypeGrammar.Of(type, session.Tos, session.DeviceExists)
        ?? throw CommandFailure.Refusal(
            $"Type \"{type}\" is not qanat link's, which has {string.Join(", ", LinkKind.Types)}: use ip link.");

    // Whatever else the namespace has is ip's.
    private TunnelReport Find(string name)
    {
        try
        {
            return _client.Get(name);
        }
        catch (ApiException missing) when (missing.Errno == Errno.ENODEV)
        {
            throw CommandFailure.NoDevice(name);
        }
        catch (ApiException foreign) when (foreign.Errno == Errno.EOPNOTSUPP)
        {
            throw CommandFailure.Refusal($"\"{name}\" is not a tunnel of qanat's: use ip link for it.");
        }
        catch (ApiException refused)
        {
            throw NetlinkAnswers.From(refused);
        }
    }

    // By netlink the kernel answers EEXIST where sit and others answer ENOBUFS to an ioctl.
    private CommandFailure Refused(ApiException refused, TunnelSpec spec) => refused.Errno switch
    {
        Errno.EEXIST when spec.Mode == "vxlan" && !session.DeviceExists(spec.Name) =>
            new CommandFailure("Error: A VXLAN device with the specified VNI already exists.", NetlinkAnswers.ExitCode),
        Errno.ENOBUFS => NetlinkAnswers.From(Errno.EEXIST),
        _ => NetlinkAnswers.From(refused),
    };
}
