using System.Net.Sockets;
using Qanat.Daemon.Api;

namespace Qanat.Cli.Iproute2.Xfrm;

/// <summary>Which policy <c>get</c> and <c>delete</c> ask for.</summary>
internal sealed record XfrmPolicyName
{
    /// <summary>Its direction.</summary>
    public required string Dir { get; init; }

    /// <summary>Its packets; null when it is named by its index.</summary>
    public XfrmSelectorSpec? Selector { get; init; }

    /// <summary>Its index.</summary>
    public uint Index { get; init; }

    /// <summary>Its mark; null for none.</summary>
    public XfrmMarkSpec? Mark { get; init; }

    /// <summary>Its type.</summary>
    public string Ptype { get; init; } = "main";

    /// <summary>Its XFRM interface.</summary>
    public uint IfId { get; init; }

    /// <summary>Whether a policy is the one.</summary>
    public bool Is(XfrmPolicySpec policy) =>
        (Dir, Mark, Ptype, IfId) == (policy.Dir, policy.Mark, policy.Ptype, policy.IfId) &&
        (Selector is null ? Index == policy.Index : Selector == policy.Sel);
}

/// <summary>The words after <c>xfrm policy add</c>, <c>update</c>, <c>get</c>, <c>delete</c>, <c>list</c> and <c>deleteall</c>.</summary>
/// <param name="family">The family that the options ask for.</param>
/// <param name="selectors">The grammar of selectors.</param>
internal sealed class XfrmPolicyGrammar(AddressFamily family, XfrmSelectorGrammar selectors)
{
    private const int MaxTemplates = 16; // what ip has room for; the kernel takes fewer

    private static readonly string[] Flags = ["localok", "icmp"];

    /// <summary>Reads what describes a policy.</summary>
    /// <exception cref="CommandFailure">It makes no sense.</exception>
    public XfrmPolicySpec ParsePolicy(Words words)
    {
        var reader = new XfrmReader(words, family);
        var policy = new XfrmPolicySpec { Dir = "", Sel = new() { Src = "", Dst = "" } };
        var templates = new List<Func<AddressFamily, XfrmTemplateSpec>>();
        XfrmSelectorWords? selector = null;
        var typed = false;
        while (words.MoveNext())
        {
            switch (words.Current)
            {
                case "dir":
                    policy.Dir = policy.Dir.Length == 0 ? reader.ReadDirection() : throw CommandFailure.Duplicate("dir", "dir");
                    break;
                case "ctx":
                    words.Value();
                    throw new CommandFailure("Error: \"ctx\" is not in this version of qanat.", CommandFailure.RefusedByKernel);
                case "mark":
                    policy.Mark = reader.ReadMark() is { Mask: not 0 } mark ? mark : null;
                    break;
                case "index":
                    policy.Index = reader.ReadUInt("INDEX value is invalid");
                    break;
                case "ptype":
                    policy.Ptype = typed ? throw CommandFailure.Duplicate("ptype", "ptype") : ReadType(words);
                    typed = true;
                    break;
                case "action":
                    policy.Action = ReadAction(words);
                    break;
                case "priority":
                    policy.Priority = reader.ReadUInt("PRIORITY value is invalid");
                    break;
                case "flag":
                    policy.Flags = [.. policy.Flags, .. reader.ReadFlags(Flags, byte.MaxValue, "FLAG value is invalid")];
                    break;
                case "limit":
                    policy.Limits = reader.ReadLimit(policy.Limits);
                    break;
                case "tmpl" when templates.Count == MaxTemplates:
                    throw CommandFailure.Refusal("Too many tmpls: buffer overflow");
                case "tmpl":
                    templates.Add(ReadTemplate(reader));
                    break;
                case "if_id":
                    policy.IfId = reader.ReadUInt("IF_ID value is invalid");
                    break;
                default:
                    if (selector is not null)
                        throw CommandFailure.Duplicate("unknown", words.Current);
                    selector = selectors.Read(reader);
                    if (reader.Family == AddressFamily.Unspecified)
                        reader.Family = selector.Family;
                    break;
            }
        }
        if (policy.Dir.Length == 0)
            throw CommandFailure.Refusal("Not enough information: DIR is required.");
        policy.Sel = (selector ?? new()).ToSpec(family);
        var isIPv6 = XfrmFilters.IsOf(AddressFamily.InterNetworkV6, policy.Sel.Dst);
        var inner = isIPv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
        policy.Templates = [.. templates.Select(template => template(inner))];
        return policy;
    }

    /// <summary>Reads which policy is asked for.</summary>
    /// <exception cref="CommandFailure">It makes no sense.</exception>
    public XfrmPolicyName ParseName(Words words)
    {
        var reader = new XfrmReader(words, family);
        XfrmSelectorWords? selector = null;
        XfrmMarkSpec? mark = null;
        string? dir = null, type = null;
        uint? index = null;
        var interfaceId = 0u;
        while (words.MoveNext())
        {
            switch (words.Current)
            {
                case "dir":
                    dir = dir is null ? reader.ReadDirection() : throw CommandFailure.Duplicate("dir", "dir");
                    break;
                case "mark":
                    mark = reader.ReadMark() is var read && (read.Value & read.Mask) != 0 ? read : null;
                    break;
                case "index":
                    index = index is null ? reader.ReadUInt("INDEX value is invalid") : throw CommandFailure.Duplicate("index", "index");
                    break;
                case "ptype":
                    type = type is null ? ReadType(words) : throw CommandFailure.Duplicate("ptype", "ptype");
                    break;
                case "if_id":
                    interfaceId = reader.ReadUInt("IF_ID value is invalid");
                    break;
                default:
                    if (selector is not null)
                        throw CommandFailure.WrongArgument(words.Current, "unknown");
                    selector = selectors.Read(reader);
                    if (reader.Family == AddressFamily.Unspecified)
                        reader.Family = selector.Family;
                    break;
            }
        }
        if (dir is null)
            throw CommandFailure.Refusal("Not enough information: DIR is required.");
        if (selector is null && index is null)
            throw CommandFailure.Refusal("Not enough information: either SELECTOR or INDEX is required.");
        if (selector is not null && index is not null)
            throw CommandFailure.Garbage("SELECTOR", "INDEX");
        return new()
        {
            Dir = dir,
            Selector = selector?.ToSpec(AddressFamily.InterNetwork),
            Index = index ?? 0,
            Mark = mark,
            Ptype = type ?? "main",
            IfId = interfaceId,
        };
    }

    /// <summary>Reads which policies are asked for.</summary>
    /// <exception cref="CommandFailure">It makes no sense.</exception>
    public XfrmPolicyFilter ParseFilter(Words words)
    {
        var reader = new XfrmReader(words, family);
        var filter = new XfrmPolicyFilter();
        while (words.MoveNext())
        {
            switch (words.Current)
            {
                case "nosock": // sockets have no policies here
                    break;
                case "dir":
                    filter.Dir = reader.ReadDirection();
                    break;
                case "index":
                    filter.Index = reader.ReadUInt("INDEX value is invalid");
                    break;
                case "ptype":
                    filter.Ptype = ReadType(words);
                    break;
                case "action":
                    filter.Action = ReadAction(words);
                    break;
                case "priority":
                    filter.Priority = reader.ReadUInt("PRIORITY value is invalid");
                    break;
                case "flag":
                    filter.Flags = reader.ReadFlags(Flags, byte.MaxValue, "FLAG value is invalid");
                    break;
                default:
                    if (filter.Selector is not null)
                        throw CommandFailure.WrongArgument(words.Current, "unknown");
                    filter.Selector = selectors.Read(reader);
                    if (reader.Family == AddressFamily.Unspecified)
                        reader.Family = filter.Selector.Family;
                    break;
            }
        }
        filter.Family = reader.Family;
        return filter;
    }

    /// <summary>Reads a type after its keyword.</summary>
    /// <exception cref="CommandFailure">It is none.</exception>
    public static string ReadType(Words words) =>
        words.Value() is "main" or "sub" ? words.Current : throw CommandFailure.WrongArgument(words.Current, "PTYPE value is invalid");

    private static string ReadAction(Words words) =>
        words.Value() is "allow" or "block"
            ? words.Current
            : throw CommandFailure.WrongArgument(words.Current, "ACTION value is invalid\n");

    // ID [ mode MODE ] [ reqid REQID ] [ level LEVEL ], in any order. One without addresses is of the family that is settled by then, or
    // else of the policy's, which is known at the end.
    private static Func<AddressFamily, XfrmTemplateSpec> ReadTemplate(XfrmReader reader)
    {
        var words = reader.Words;
        var template = new XfrmTemplateSpec { Src = "", Dst = "", Proto = "", Mode = "transport" };
        var family = reader.Family;
        XfrmId? id = null;
        words.Value();
        do
        {
            switch (words.Current)
            {
                case "mode":
                    template.Mode = reader.ReadMode();
                    continue;
                case "reqid":
                    template.Reqid = reader.ReadUInt("REQID value is invalid");
                    continue;
                case "level":
                    template.Level = words.Value() is "required" or "use"
                        ? words.Current
                        : throw CommandFailure.WrongArgument(words.Current, "LEVEL value is invalid\n");
                    continue;
            }
            if (id is not null)
            {
                words.MoveBack();
                break;
            }
            reader.Family = AddressFamily.Unspecified;
            id = reader.ReadId(protocolNeeded: true);
            var known = reader.FamilyOf(id.Src, id.Dst);
            reader.Family = family = known == AddressFamily.Unspecified ? family : known;
        }
        while (words.HasNext && words.MoveNext());
        return inner =>
        {
            var any = XfrmReader.AnyOf(family == AddressFamily.Unspecified ? inner : family);
            (template.Src, template.Dst) = ((id?.Src?.Address ?? any).ToString(), (id?.Dst?.Address ?? any).ToString());
            (template.Proto, template.Spi) = (id?.Proto ?? "", id?.Spi ?? 0);
            return template;
        };
    }
}
