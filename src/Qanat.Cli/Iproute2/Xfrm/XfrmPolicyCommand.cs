using Qanat.Daemon.Api;
using Qanat.Linux;

namespace Qanat.Cli.Iproute2.Xfrm;

/// <summary><c>xfrm policy</c>.</summary>
/// <param name="calls">The daemon.</param>
/// <param name="grammar">The grammar of its words.</param>
/// <param name="printer">Where answers go.</param>
/// <param name="options">The options before <c>xfrm</c>.</param>
internal sealed class XfrmPolicyCommand(XfrmCalls calls, XfrmPolicyGrammar grammar, XfrmPrinter printer, GlobalOptions options)
    : XfrmVerbCommand("policy", Verbs)
{
    private static readonly string[] Verbs =
    [
        "add", "update", "delete", "deleteall", "delall", "list", "show", "lst", "get", "flush", "count", "set", "setdefault", "getdefault",
        "help",
    ];

    protected override CommandFailure Usage() => XfrmUsage.Policy();

    protected override void Add(Words words)
    {
        var policy = grammar.ParsePolicy(words);
        calls.Tell(client => client.AddPolicy(policy));
    }

    protected override void Update(Words words)
    {
        var policy = grammar.ParsePolicy(words);
        calls.Tell(client => client.UpdatePolicy(policy));
    }

    protected override void Delete(Words words)
    {
        var name = grammar.ParseName(words);
        calls.Tell(client => client.DeletePolicy(Find(name).Spec.Index));
    }

    protected override void Get(Words words) => new XfrmPolicyRenderer(printer).Print(Find(grammar.ParseName(words)));

    protected override void List(Words words)
    {
        var filter = grammar.ParseFilter(words);
        var renderer = new XfrmPolicyRenderer(printer);
        foreach (var report in calls.List(client => client.ListPolicies(), "Dump terminated"))
            if (filter.Selects(report.Spec))
                renderer.Print(report);
    }

    protected override void DeleteAll(Words words)
    {
        var filter = grammar.ParseFilter(words);
        DeleteAll(
            () =>
            [
                .. calls.List(client => client.ListPolicies(), "Delete-all terminated")
                    .Select(report => report.Spec).Where(filter.Selects).Select(policy => policy.Index),
            ],
            (uint index) => calls.Remove(client => client.DeletePolicy(index), "Failed to send delete-all request"));
    }

    protected override void Flush(Words words)
    {
        string? type = null;
        while (words.MoveNext())
        {
            if (words.Current != "ptype")
                throw CommandFailure.WrongArgument(words.Current, "unknown");
            type = type is null ? XfrmPolicyGrammar.ReadType(words) : throw CommandFailure.Duplicate("ptype", "ptype");
        }
        if (type is not "sub") // there are none of that type
            calls.Tell(client => client.FlushPolicies());
    }

    protected override void Count()
    {
        var policies = calls.Ask(client => client.ListPolicies());
        printer.Write($"\t SPD IN  {Of("in")} OUT {Of("out")} FWD {Of("fwd")}");
        if (options.Statistics)
            printer.Write(" (Sock: IN 0 OUT 0 FWD 0)"); // sockets have no policies here
        printer.Line();
        printer.End();

        int Of(string direction) => policies.Count(report => report.Spec.Dir == direction);
    }

    private XfrmPolicyReport Find(XfrmPolicyName name) =>
        calls.Ask(client => client.ListPolicies()).FirstOrDefault(report => name.Is(report.Spec))
        ?? throw new CommandFailure($"RTNETLINK answers: {Errno.Text(Errno.ENOENT)}", CommandFailure.RefusedByKernel);
}
