using Qanat.Daemon.Api;
using Qanat.Ipsec;

namespace Qanat.Daemon.Control.Xfrm;

/// <summary>
/// A policy's description in users' words, to the engine's parameters and back. What they may be together, the engine says.
/// </summary>
internal static class XfrmPolicySpecs
{
    private const uint DirectionBits = 7; // of an index

    private static readonly string[] Directions = ["in", "out", "fwd"];
    private static readonly string[] Flags = ["localok", "icmp"];

    /// <summary>Reads a description.</summary>
    /// <exception cref="XfrmException">EINVAL, EPROTONOSUPPORT (a template's protocol or mode), ENODEV: as the kernel has them.</exception>
    public static SecurityPolicyParameters Parse(XfrmPolicySpec spec, XfrmWords words)
    {
        var direction = Array.IndexOf(Directions, spec.Dir);
        if (direction < 0)
            throw XfrmException.Invalid("Invalid policy direction");
        if (spec.Index != 0 && (spec.Index & DirectionBits) != direction)
            throw XfrmException.Invalid("Policy index doesn't match direction");
        if (spec.Ptype != "main") // as in a kernel without CONFIG_XFRM_SUB_POLICY
            throw XfrmException.Invalid("Invalid policy type");
        if (spec.Templates.Length > SecurityPolicy.MaxTemplates)
            throw XfrmException.Invalid($"Template count must be <= XFRM_MAX_DEPTH ({SecurityPolicy.MaxTemplates})");
        return new()
        {
            Index = spec.Index,
            Direction = (PolicyDirection)direction,
            Selector = words.Selector(spec.Sel),
            Mark = XfrmWords.Mark(spec.Mark),
            InterfaceId = spec.IfId,
            Action = spec.Action switch
            {
                "allow" => PolicyAction.Allow,
                "block" => PolicyAction.Block,
                _ => throw XfrmException.Invalid("Invalid policy action"),
            },
            Priority = spec.Priority,
            Flags = (PolicyFlags)XfrmWords.Flags(spec.Flags, Flags),
            Limits = XfrmWords.Limits(spec.Limits),
            Templates = [.. spec.Templates.Select(ParseTemplate)],
        };
    }

    /// <summary>Describes a policy.</summary>
    public static XfrmPolicySpec Describe(SecurityPolicyParameters its, XfrmWords words) => new()
    {
        Dir = Directions[(int)its.Direction],
        Sel = words.Describe(its.Selector),
        Action = its.Action == PolicyAction.Block ? "block" : "allow",
        Priority = its.Priority,
        Index = its.Index,
        Mark = XfrmWords.Describe(its.Mark),
        IfId = its.InterfaceId,
        Flags = XfrmWords.Describe((int)its.Flags, Flags),
        Limits = XfrmWords.Describe(its.Limits),
        Templates =
        [
            .. its.Templates.Select(template => new XfrmTemplateSpec
            {
                Src = template.Source.ToString(),
                Dst = template.Destination.ToString(),
                Spi = template.Spi,
                Reqid = template.RequestId,
                Mode = XfrmWords.Word(template.Mode),
                Level = template.Optional ? "use" : "required",
            }),
        ],
    };

    private static PolicyTemplate ParseTemplate(XfrmTemplateSpec spec)
    {
        if (spec.Proto.Length == 0)
            throw XfrmException.Invalid("Invalid XFRM protocol in template");
        XfrmWords.CheckProtocol(spec.Proto);
        return new()
        {
            Source = XfrmWords.Address(spec.Src),
            Destination = XfrmWords.Address(spec.Dst),
            Mode = XfrmWords.Mode(spec.Mode),
            Spi = spec.Spi,
            RequestId = spec.Reqid,
            Optional = spec.Level switch
            {
                "required" => false,
                "use" => true,
                _ => throw XfrmException.Invalid("Invalid level in template"),
            },
        };
    }
}
