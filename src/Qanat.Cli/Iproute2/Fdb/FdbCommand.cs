using Qanat.Cli.Client;
using Qanat.Cli.Iproute2.Links;
using Qanat.Daemon.Api;
using Qanat.Linux;

namespace Qanat.Cli.Iproute2.Fdb;

/// <summary><c>fdb</c>: the forwarding tables of VXLAN, in the texts of <c>bridge fdb</c>.</summary>
/// <param name="options">The options before <c>fdb</c>.</param>
/// <param name="session">What it works with.</param>
internal sealed class FdbCommand(GlobalOptions options, Session session)
{
    /// <summary>What a refused command ends with: <c>bridge</c> has one for all.</summary>
    public const int ExitCode = CommandFailure.BadGrammar;

    private readonly IQanatClient _client = session.Connect();

    /// <summary>The one line about a device whose table is none of ours.</summary>
    public static CommandFailure Foreign(string device) =>
        CommandFailure.Nonsense($"\"{device}\" is not a VXLAN tunnel of qanat's: use bridge fdb for it.");

    /// <summary>Runs the command.</summary>
    /// <param name="args">What follows <c>fdb</c>.</param>
    /// <exception cref="CommandFailure">It cannot be done.</exception>
    public void Run(IReadOnlyList<string> args)
    {
        var words = new Words(args);
        if (!words.MoveNext())
            Show(words);
        else if (words.Is("add"))
            Add(words, "add");
        else if (words.Is("append"))
            Add(words, "append");
        else if (words.Is("replace"))
            Add(words, "replace");
        else if (words.Is("delete"))
            Delete(words);
        else if (words.Is("get"))
            Get(words);
        else if (words.Current == "flush")
            Flush(words);
        else if (words.Is("show") || words.Is("lst") || words.Is("list"))
            Show(words);
        else if (words.Is("help"))
            throw FdbGrammar.Usage();
        else
            throw CommandFailure.Nonsense($"Command \"{words.Current}\" is unknown, try \"qanat fdb help\".");
    }

    private void Add(Words words, string verb)
    {
        var grammar = new FdbGrammar(session.DeviceExists);
        var entry = grammar.Parse(words);
        if (entry.Dst.Length == 0)
            throw NetlinkAnswers.From(Errno.EINVAL, ExitCode);
        var group = entry.Mac == "00:00:00:00:00:00" || (Convert.ToByte(entry.Mac[..2], 16) & 1) != 0;
        if (verb == "replace" && group)
            throw CommandFailure.Nonsense("Error: Cannot replace non-unicast fdb entries.");
        Attempt(grammar.Device, () => _client.AddFdb(grammar.Device, verb, entry));
    }

    private void Delete(Words words)
    {
        var grammar = new FdbGrammar(session.DeviceExists);
        var entry = grammar.Parse(words);
        Attempt(grammar.Device, () => _client.DeleteFdb(grammar.Device, entry));
    }

    // Of an address with several destinations the first alone, as the kernel has it.
    private void Get(Words words)
    {
        var question = FdbQuestion.Parse(words, session.DeviceExists);
        var entry = Entries(question.Device).FirstOrDefault(entry => entry.Mac == question.Mac) ?? throw FdbQuestion.NotFound();
        new FdbRenderer(session.Out, options, withDevice: true).List(
            Selects(question.Dynamic ? "reachable" : null, entry) ? [(question.Device, entry)] : []);
    }

    private void Flush(Words words)
    {
        var grammar = new FdbFlushGrammar(session.DeviceExists);
        var filter = grammar.Parse(words);
        Attempt(grammar.Device, () => _client.FlushFdb(grammar.Device, filter));
    }

    private void Show(Words words)
    {
        string? device = null, state = null;
        while (words.MoveNext())
        {
            if (words.Current is "dev" or "brport")
                device = words.Value();
            else if (words.Current == "state")
                state = words.Value();
            else if (words.Is("dynamic"))
                state = "reachable";
            else if (words.Current is "br" or "vlan")
                words.Value();
            // whatever else follows, as bridge has it
        }
        if (device is not null && !session.DeviceExists(device))
            throw CommandFailure.Nonsense($"Cannot find device \"{device}\"");
        string[] devices = device is not null ? [device] :
        [
            .. from tunnel in NetlinkAnswers.Attempt(_client.List, ExitCode)
               where tunnel.Spec.Vxlan is not null
               select tunnel.Spec.Name,
        ];
        var renderer = new FdbRenderer(session.Out, options, withDevice: device is null);
        renderer.List([.. from name in devices from entry in Entries(name) where Selects(state, entry) select (name, entry)]);
    }

    private IReadOnlyList<FdbEntry> Entries(string device)
    {
        IReadOnlyList<FdbEntry> entries = [];
        Attempt(device, () => entries = _client.ListFdb(device));
        return entries;
    }

    // A static entry is a reachable one that needs no ARP.
    private static bool Selects(string? state, FdbEntry entry) => state switch
    {
        null or "all" => true,
        "permanent" => entry.State == "permanent",
        "static" or "temp" => entry.State == "static",
        _ => entry.State != "permanent",
    };

    private static void Attempt(string device, Action call)
    {
        try
        {
            call();
        }
        catch (ApiException foreign) when (foreign.Errno == Errno.EOPNOTSUPP)
        {
            throw Foreign(device);
        }
        catch (ApiException refused)
        {
            throw NetlinkAnswers.From(refused, ExitCode);
        }
    }
}
