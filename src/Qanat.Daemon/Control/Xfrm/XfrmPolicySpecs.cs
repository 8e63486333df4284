using Qanat.Daemon.Api;
using Qanat.Linux;

namespace Qanat.Daemon.Control.Xfrm;

/// <summary>A policy's description in users' words, to a policy and back, by the kernel's rules (verify_newpolicy_info, validate_tmpl).</summary>
internal static class XfrmPolicySpecs
{
    private const int MaxTemplates = 6; // XFRM_MAX_DEPTH
    private const uint DirectionBits = 7;

    private static readonly string[] Directions = ["in", "out", "fwd"];
    private static readonly string[] Flags = ["localok", "icmp"];

    /// <summary>Reads a description. An index of 0 stays one.</summary>
    /// <exception cref="XfrmException">EINVAL, EPROTONOSUPPORT (a template's protocol or mode), ENODEV: as the kernel has them.</exception>
    public static XfrmPolicy Parse(XfrmPolicySpec spec, XfrmWords words)
    {
        var direction = Array.IndexOf(Directions, spec.Dir);
        if (direction < 0)
            throw XfrmException.Invalid("Invalid policy direction");
        if (spec.Index != 0 && (spec.Index & DirectionBits) != direction)
            throw XfrmException.Invalid("Policy index doesn't match direction");
        var policy = new XfrmPolicy
        {
            Index = spec.Index,
            Direction = (XfrmDirection)direction,
            Selector = words.Selector(spec.Sel),
            Mark = XfrmWords.Mark(spec.Mark),
            IfId = spec.IfId,
            IsSub = spec.Ptype switch
            {
                "main" => false,
                "sub" => true,
                _ => throw XfrmException.Invalid("Invalid policy type"),
            },
            Blocks = spec.Action switch
            {
                "allow" => false,
                "block" => true,
                _ => throw XfrmException.Invalid("Invalid policy action"),
            },
            Priority = spec.Priority,
            Flags = (XfrmPolicyFlags)XfrmWords.Flags(spec.Flags, Flags),
            Limits = XfrmWords.Limits(spec.Limits),
            Templates = ParseTemplates(spec.Templates),
        };
        CheckTemplates(policy);
        return policy;
    }

    /// <summary>Describes a policy.</summary>
    public static XfrmPolicySpec Describe(XfrmPolicy policy, XfrmWords words) => new()
    {
        Dir = Directions[(int)policy.Direction],
        Sel = words.Describe(policy.Selector),
        Action = policy.Blocks ? "block" : "allow",
        Priority = policy.Priority,
        Index = policy.Index,
        Ptype = policy.IsSub ? "sub" : "main",
        Mark = XfrmWords.Describe(policy.Mark),
        IfId = policy.IfId,
        Flags = XfrmWords.Describe((int)policy.Flags, Flags),
        Limits = XfrmWords.Describe(policy.Limits),
        Templates =
        [
            .. policy.Templates.Select(template => new XfrmTemplateSpec
            {
                Src = template.Source.ToString(),
                Dst = template.Destination.ToString(),
                Spi = template.Spi,
                Reqid = template.Reqid,
                Mode = XfrmWords.Word(template.Mode),
                Level = template.Optional ? "use" : "required",
            }),
        ],
    };

    private static XfrmTemplate[] ParseTemplates(XfrmTemplateSpec[] specs)
    {
        if (specs.Length > MaxTemplates)
            throw XfrmException.Invalid($"Template count must be <= XFRM_MAX_DEPTH ({MaxTemplates})");
        return [.. specs.Select(ParseTemplate)];
    }

    private static XfrmTemplate ParseTemplate(XfrmTemplateSpec spec)
    {
        var (source, destination) = XfrmWords.Addresses(spec.Src, spec.Dst);
        if (spec.Proto.Length == 0)
            throw XfrmException.Invalid("Invalid XFRM protocol in template");
        XfrmStateSpecs.CheckProtocol(spec.Proto);
        return new(source, destination, XfrmWords.Mode(spec.Mode))
        {
            Spi = spec.Spi,
            Reqid = spec.Reqid,
            Optional = spec.Level switch
            {
                "required" => false,
                "use" => true,
                _ => throw XfrmException.Invalid("Invalid level in template"),
            },
        };
    }

    private static void CheckTemplates(XfrmPolicy policy)
    {
        var isIPv6 = policy.Selector.Source.Address.IsIPv6;
        foreach (var template in policy.Templates)
        {
            if (template.Mode == XfrmMode.Tunnel && template.Optional && policy.Direction == XfrmDirection.Out)
                throw XfrmException.Invalid("Mode in optional template not allowed in outbound policy");
            if (template.Mode == XfrmMode.Transport && template.Source.IsIPv6 != isIPv6)
                throw XfrmException.Invalid("Mode in template doesn't support a family change");
            isIPv6 = template.Source.IsIPv6;
        }
    }
}
