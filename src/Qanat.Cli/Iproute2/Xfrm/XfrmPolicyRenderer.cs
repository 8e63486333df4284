using Qanat.Daemon.Api;

namespace Qanat.Cli.Iproute2.Xfrm;

/// <summary>Policies as <c>list</c> and <c>get</c> print them. There is no JSON of them, as ip has none.</summary>
/// <param name="printer">Where they go, and how.</param>
internal sealed class XfrmPolicyRenderer(XfrmPrinter printer)
{
    private static readonly string[] FlagNames = ["localok", "icmp"];

    /// <summary>Prints a policy.</summary>
    public void Print(XfrmPolicyReport report)
    {
        var policy = report.Spec;
        printer.Selector(policy.Sel);
        printer.Write($"\tdir {policy.Dir} ");
        if (printer.Statistics || policy.Action != "allow")
            printer.Write($"action {policy.Action} ");
        if (printer.Statistics)
            printer.Write($"index {policy.Index} ");
        printer.Write($"priority {policy.Priority} ptype {policy.Ptype} ");
        if (printer.Statistics)
            printer.Write("share any ");
        printer.Flags(policy.Flags, FlagNames);
        if (printer.Statistics)
            printer.Lifetime(policy.Limits, report.Usage);
        if (policy.Mark is { } mark)
            printer.Line($"\tmark {XfrmPrinter.Mark(mark)} ");
        foreach (var template in policy.Templates)
            Template(template);
        if (policy.IfId != 0)
            printer.Line($"\tif_id 0x{policy.IfId:x}");
        printer.End();
    }

    private void Template(XfrmTemplateSpec template)
    {
        printer.Write("\ttmpl ");
        uint? spi = template.Spi == 0 ? null : template.Spi;
        printer.Name("\t\t", template.Src, template.Dst, template.Proto, spi, template.Reqid, template.Mode);
        if (printer.Statistics)
        {
            printer.Line($"\t\tlevel {template.Level} share any ");
            printer.Line("\t\tenc-mask ffffffff auth-mask ffffffff comp-mask ffffffff");
        }
        else if (template.Level != "required")
            printer.Line($"\t\tlevel {template.Level} ");
    }
}
