using Qanat.Daemon.Api;
using Qanat.Linux;

namespace Qanat.Cli.Iproute2.Xfrm;

/// <summary><c>xfrm state</c>.</summary>
/// <param name="calls">The daemon.</param>
/// <param name="grammar">The grammar of its words.</param>
/// <param name="printer">Where answers go.</param>
/// <param name="options">The options before <c>xfrm</c>.</param>
internal sealed class XfrmStateCommand(XfrmCalls calls, XfrmStateGrammar grammar, XfrmPrinter printer, GlobalOptions options)
    : XfrmVerbCommand("state", Verbs)
{
    private static readonly string[] Verbs =
        ["add", "update", "allocspi", "delete", "deleteall", "delall", "list", "show", "lst", "get", "flush", "count", "help"];

    protected override CommandFailure Usage() => XfrmUsage.State();

    protected override void Add(Words words)
    {
        var state = grammar.ParseState(words);
        calls.Tell(client => client.AddState(state));
    }

    protected override void Update(Words words)
    {
        var state = grammar.ParseState(words);
        calls.Tell(client => client.UpdateState(state));
    }

    protected override void Delete(Words words)
    {
        var (destination, spi, mark) = Name(words);
        calls.Tell(client => client.DeleteState(destination, spi, mark));
    }

    protected override void Get(Words words)
    {
        var (destination, spi, mark) = Name(words);
        new XfrmStateRenderer(printer).Print(calls.Ask(client => client.GetState(destination, spi, mark)));
    }

    protected override void List(Words words)
    {
        var filter = grammar.ParseFilter(words);
        var renderer = new XfrmStateRenderer(printer);
        foreach (var report in calls.List(client => client.ListStates(keys: !filter.NoKeys), "Dump terminated"))
            if (filter.Selects(report.Spec))
                renderer.Print(report);
    }

    protected override void DeleteAll(Words words)
    {
        var filter = grammar.ParseFilter(words);
        DeleteAll(
            () =>
            [
                .. calls.List(client => client.ListStates(keys: false), "Delete-all terminated")
                    .Select(report => report.Spec).Where(filter.Selects),
            ],
            (XfrmStateSpec state) => calls.Remove(
                client => client.DeleteState(state.Dst, state.Spi, state.Mark?.Value ?? 0), "Failed to send delete-all request\n"));
    }

    protected override void Flush(Words words)
    {
        string? protocol = null;
        while (words.MoveNext())
        {
            if (words.Current != "proto")
                throw CommandFailure.WrongArgument(words.Current, "unknown");
            if (protocol is not null)
                throw CommandFailure.Duplicate("proto", "proto");
            protocol = new XfrmReader(words, default).ReadProtocol();
        }
        if (protocol is null or "esp" or "ipsec-any") // there are states of no other protocol
            calls.Tell(client => client.FlushStates());
    }

    protected override void Count()
    {
        var count = calls.Ask(client => client.ListStates(keys: false)).Count;
        var buckets = options.Statistics ? " (buckets count 8 Max 1048576)" : ""; // the kernel's, as they begin
        printer.Write($"\t SAD count {count}{buckets}\n");
    }

    private (string Destination, uint Spi, uint Mark) Name(Words words) => grammar.ParseName(words) is var (id, destination, mark)
        ? (destination.ToString(), Name(id), mark)
        : throw new CommandFailure($"RTNETLINK answers: {Errno.Text(Errno.EINVAL)}", CommandFailure.RefusedByKernel);

    private static uint Name(XfrmId id) => id.Proto is "esp" or "ipsec-any"
        ? id.Spi ?? 0
        : throw new CommandFailure($"RTNETLINK answers: {Errno.Text(Errno.ESRCH)}", CommandFailure.RefusedByKernel);
}
