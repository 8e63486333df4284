using Qanat.Daemon.Api;
using Qanat.Linux;

namespace Qanat.Cli.Iproute2.Xfrm;

/// <summary><c>xfrm policy</c>.</summary>
/// <param name="calls">The daemon.</param>
/// <param name="grammar">The grammar of its words.</param>
/// <param name="printer">Where answers go.</param>
/// <param name="options">The options before <c>xfrm</c>.</param>
internal sealed class XfrmPolicyCommand(XfrmCalls calls, XfrmPolicyGrammar grammar, XfrmPrinter printer, GlobalOptions options)
{
    // The order decides what an abbreviation means.
    private static readonly string[] Verbs =
    [
        "add", "update", "delete", "deleteall", "delall", "list", "show", "lst", "get", "flush", "count", "set", "setdefault", "getdefault",
        "help",
    ];

    /// <summary>Runs the command.</summary>
    /// <param name="words">What follows <c>policy</c>.</param>
    /// <exception cref="CommandFailure">It cannot be done.</exception>
    public void Run(Words words)
    {
        var word = words.MoveNext() ? words.Current : "list";
        switch (Array.Find(Verbs, verb => Words.Abbreviates(word, verb)))
        {
            case "add":
                var policy = grammar.ParsePolicy(words);
                calls.Tell(client => client.AddPolicy(policy));
                break;
            case "update":
                var changed = grammar.ParsePolicy(words);
                calls.Tell(client => client.UpdatePolicy(changed));
                break;
            case "delete":
                var name = grammar.ParseName(words);
                calls.Tell(client => client.DeletePolicy(Find(name).Spec.Index));
                break;
            case "get":
                new XfrmPolicyRenderer(printer).Print(Find(grammar.ParseName(words)));
                break;
            case "list" or "show" or "lst":
                List(grammar.ParseFilter(words));
                break;
            case "deleteall" or "delall":
                DeleteAll(grammar.ParseFilter(words));
                break;
            case "flush":
                Flush(words);
                break;
            case "count":
                Count();
                break;
            case "set" or "setdefault" or "getdefault":
                throw XfrmCommand.NotCarried($"xfrm policy {word}");
            case "help":
                throw XfrmUsage.Policy();
            default:
                throw CommandFailure.Nonsense($"Command \"{word}\" is unknown, try \"qanat xfrm policy help\".");
        }
    }

    private XfrmPolicyReport Find(XfrmPolicyName name) =>
        calls.Ask(client => client.ListPolicies()).FirstOrDefault(report => name.Is(report.Spec))
        ?? throw new CommandFailure($"RTNETLINK answers: {Errno.Text(Errno.ENOENT)}", CommandFailure.RefusedByKernel);

    private void List(XfrmPolicyFilter filter)
    {
        var renderer = new XfrmPolicyRenderer(printer);
        foreach (var report in calls.List(client => client.ListPolicies(), "Dump terminated"))
            if (filter.Selects(report.Spec))
                renderer.Print(report);
    }

    // Those that are there, and those that came meanwhile, until there is none.
    private void DeleteAll(XfrmPolicyFilter filter)
    {
        for (var left = Selected(); left.Length > 0; left = Selected())
            foreach (var index in left)
                calls.Remove(client => client.DeletePolicy(index), "Failed to send delete-all request");

        uint[] Selected() =>
        [
            .. calls.List(client => client.ListPolicies(), "Delete-all terminated")
                .Select(report => report.Spec).Where(filter.Selects).Select(policy => policy.Index),
        ];
    }

    private void Flush(Words words)
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

    private void Count()
    {
        var policies = calls.Ask(client => client.ListPolicies());
        printer.Write($"\t SPD IN  {Of("in")} OUT {Of("out")} FWD {Of("fwd")}");
        if (options.Statistics)
            printer.Write(" (Sock: IN 0 OUT 0 FWD 0)"); // sockets have no policies here
        printer.Line();
        printer.End();

        int Of(string direction) => policies.Count(report => report.Spec.Dir == direction);
    }
}
