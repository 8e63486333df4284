using System.Text.Json.Serialization;

namespace Qanat.Daemon.Api;

/// <summary>
/// A security association as <c>ip xfrm state</c> describes it: the body of <c>POST</c> and <c>PUT /v1/xfrm/states</c>. Addresses are
/// those of the outer header, and of one family.
/// </summary>
/// <remarks>The members can be set, not only initialised, because the JSON reader keeps their defaults in that case alone.</remarks>
public sealed record XfrmStateSpec
{
    /// <summary>Where its packets come from; 0.0.0.0 or :: for anywhere.</summary>
    public required string Src { get; set; }

    /// <summary>Where its packets go to.</summary>
    public required string Dst { get; set; }

    /// <summary>The protocol: <c>esp</c>.</summary>
    public string Proto { get; set; } = "esp";

    /// <summary>The security parameters index, which with the destination and the protocol names the association.</summary>
    public uint Spi { get; set; }

    /// <summary><c>tunnel</c> or <c>transport</c>.</summary>
    public string Mode { get; set; } = "tunnel";

    /// <summary>What policies call it by; 0 for nothing.</summary>
    public uint Reqid { get; set; }

    /// <summary>The number of the request that it answers; 0 for none.</summary>
    public uint Seq { get; set; }

    /// <summary>The mark that packets must have; null for any.</summary>
    public XfrmMarkSpec? Mark { get; set; }

    /// <summary>The mark that packets get; null for none.</summary>
    public XfrmMarkSpec? OutputMark { get; set; }

    /// <summary>The XFRM interface that it belongs to, 0 for none.</summary>
    public uint IfId { get; set; }

    /// <summary>Encryption that authenticates as well.</summary>
    public XfrmAlgorithmSpec? Aead { get; set; }

    /// <summary>Encryption alone.</summary>
    public XfrmAlgorithmSpec? Enc { get; set; }

    /// <summary>Authentication alone.</summary>
    public XfrmAlgorithmSpec? Auth { get; set; }

    /// <summary>How many sequence numbers below the highest may still arrive; 0 checks none.</summary>
    public uint ReplayWindow { get; set; }

    /// <summary>The highest sequence number that has arrived; of 64 bits with <c>esn</c>.</summary>
    public ulong ReplaySeq { get; set; }

    /// <summary>The last sequence number that was sent; of 64 bits with <c>esn</c>.</summary>
    public ulong ReplayOseq { get; set; }

    /// <summary>
    /// Any of <c>noecn</c>, <c>decap-dscp</c>, <c>nopmtudisc</c>, <c>wildrecv</c>, <c>icmp</c>, <c>af-unspec</c>, <c>align4</c>,
    /// <c>esn</c>.
    /// </summary>
    public string[] Flags { get; set; } = [];

    /// <summary>Any of <c>dont-encap-dscp</c>, <c>oseq-may-wrap</c>.</summary>
    public string[] ExtraFlags { get; set; } = [];

    /// <summary>The UDP header around it; null for none.</summary>
    public XfrmEncapSpec? Encap { get; set; }

    /// <summary>The inner packets that it is for; null for any.</summary>
    public XfrmSelectorSpec? Sel { get; set; }

    /// <summary>When it expires; null for never.</summary>
    public XfrmLimitsSpec? Limits { get; set; }

    /// <summary>0: inner packets are not padded to hide their length (RFC 4303, section 2.7).</summary>
    public uint TfcPad { get; set; }
}

/// <summary>A mark and the bits of it that count.</summary>
/// <param name="Value">The mark.</param>
/// <param name="Mask">The bits that count.</param>
public sealed record XfrmMarkSpec(uint Value, uint Mask);

/// <summary>An algorithm and its key.</summary>
public sealed record XfrmAlgorithmSpec
{
    /// <summary>The kernel's name: <c>rfc4106(gcm(aes))</c>, <c>cbc(aes)</c>, <c>hmac(sha256)</c>.</summary>
    public required string Name { get; set; }

    /// <summary>The key in hexadecimal digits, a salt at its end included; null where keys are not shown.</summary>
    public string? Key { get; set; }

    /// <summary>Bits of the integrity check value; 0 for the algorithm's usual ones. Nothing to encryption alone.</summary>
    public uint Bits { get; set; }

    /// <summary>What a log may have of it.</summary>
    public override string ToString() => Name;
}

/// <summary>ESP in UDP (RFC 3948).</summary>
public sealed record XfrmEncapSpec
{
    /// <summary><c>espinudp</c>.</summary>
    public string Type { get; set; } = "espinudp";

    /// <summary>The source port.</summary>
    public ushort Sport { get; set; }

    /// <summary>The destination port.</summary>
    public ushort Dport { get; set; }

    /// <summary>The address before the translation, which nothing is done with.</summary>
    public required string Addr { get; set; }
}

/// <summary>Which packets: those that agree in everything that is said.</summary>
public sealed record XfrmSelectorSpec
{
    /// <summary>The prefix of their source, as in 10.1.0.0/16.</summary>
    public required string Src { get; set; }

    /// <summary>The prefix of their destination, of the same family.</summary>
    public required string Dst { get; set; }

    /// <summary>The protocol's number, 0 for any.</summary>
    public byte Proto { get; set; }

    /// <summary>The source port; of ICMP the type, of GRE the key's upper half. Null for any.</summary>
    public ushort? Sport { get; set; }

    /// <summary>The destination port; of ICMP the code, of GRE the key's lower half. Null for any.</summary>
    public ushort? Dport { get; set; }

    /// <summary>The device that they leave or came by; null for any.</summary>
    public string? Dev { get; set; }
}

/// <summary>When something expires: at the soft limits there is notice, at the hard ones an end. Null and 0 are no limit.</summary>
public sealed record XfrmLimitsSpec
{
    /// <summary>Bytes.</summary>
    public ulong? ByteSoft { get; set; }

    /// <summary>Bytes.</summary>
    public ulong? ByteHard { get; set; }

    /// <summary>Packets.</summary>
    public ulong? PacketSoft { get; set; }

    /// <summary>Packets.</summary>
    public ulong? PacketHard { get; set; }

    /// <summary>Seconds since it was added.</summary>
    public ulong TimeSoft { get; set; }

    /// <summary>Seconds since it was added.</summary>
    public ulong TimeHard { get; set; }

    /// <summary>Seconds since it was first used.</summary>
    public ulong TimeUseSoft { get; set; }

    /// <summary>Seconds since it was first used.</summary>
    public ulong TimeUseHard { get; set; }
}

/// <summary>
/// A policy as <c>ip xfrm policy</c> describes it: the body of <c>POST</c> and <c>PUT /v1/xfrm/policies</c>.
/// </summary>
/// <remarks>The members can be set, not only initialised, because the JSON reader keeps their defaults in that case alone.</remarks>
public sealed record XfrmPolicySpec
{
    /// <summary><c>in</c>, <c>out</c> or <c>fwd</c>.</summary>
    public required string Dir { get; set; }

    /// <summary>The packets that it is for.</summary>
    public required XfrmSelectorSpec Sel { get; set; }

    /// <summary><c>allow</c>, when the templates are followed, or <c>block</c>.</summary>
    public string Action { get; set; } = "allow";

    /// <summary>Of two that match, that with the lower number counts.</summary>
    public uint Priority { get; set; }

    /// <summary>Its number, whose lower three bits are the direction; 0 for the next free one.</summary>
    public uint Index { get; set; }

    /// <summary><c>main</c>: there is no other type here.</summary>
    public string Ptype { get; set; } = "main";

    /// <summary>The mark that packets must have; null for any.</summary>
    public XfrmMarkSpec? Mark { get; set; }

    /// <summary>The XFRM interface that it belongs to, 0 for none.</summary>
    public uint IfId { get; set; }

    /// <summary>Any of <c>localok</c>, <c>icmp</c>.</summary>
    public string[] Flags { get; set; } = [];

    /// <summary>When it expires; null for never.</summary>
    public XfrmLimitsSpec? Limits { get; set; }

    /// <summary>What is done to the packets, the innermost first; at most six.</summary>
    public XfrmTemplateSpec[] Templates { get; set; } = [];
}

/// <summary>Which associations a policy takes.</summary>
public sealed record XfrmTemplateSpec
{
    /// <summary>Where the outer packets come from.</summary>
    public required string Src { get; set; }

    /// <summary>Where they go to.</summary>
    public required string Dst { get; set; }

    /// <summary>The protocol: <c>esp</c>.</summary>
    public string Proto { get; set; } = "esp";

    /// <summary>The security parameters index, 0 for any.</summary>
    public uint Spi { get; set; }

    /// <summary>What the associations are called by; 0 for whatever they are called.</summary>
    public uint Reqid { get; set; }

    /// <summary><c>tunnel</c> or <c>transport</c>.</summary>
    public string Mode { get; set; } = "tunnel";

    /// <summary><c>required</c>, or <c>use</c> when packets may do without it.</summary>
    public string Level { get; set; } = "required";
}

/// <summary>An association that exists.</summary>
/// <param name="Spec">Its description; the sequence numbers are those that it began with.</param>
/// <param name="Usage">What passed.</param>
/// <param name="Replay">How far its sequence numbers have come.</param>
public sealed record XfrmStateReport(XfrmStateSpec Spec, XfrmUsageReport Usage, XfrmReplayReport Replay);

/// <summary>A policy that exists.</summary>
/// <param name="Spec">Its description, the index filled in.</param>
/// <param name="Usage">What passed.</param>
public sealed record XfrmPolicyReport(XfrmPolicySpec Spec, XfrmUsageReport Usage);

/// <summary>What passed an association or a policy.</summary>
/// <param name="Bytes">Bytes of the inner packets.</param>
/// <param name="Packets">Packets.</param>
/// <param name="Added">When it was added, in seconds since 1970, UTC.</param>
/// <param name="Used">When it was first used; 0 for never.</param>
public sealed record XfrmUsageReport(ulong Bytes, ulong Packets, long Added, long Used);

/// <summary>Sequence numbers of an association, and what they kept out.</summary>
/// <param name="Seq">The highest that has arrived; of 64 bits with extended sequence numbers.</param>
/// <param name="Oseq">The last that was sent.</param>
/// <param name="Bitmap">Those within the window that have arrived, 32 a word, as <c>ip xfrm state</c> shows them.</param>
/// <param name="TooOld">Packets below the window.</param>
/// <param name="Replayed">Packets that had arrived before.</param>
/// <param name="Failed">Packets whose integrity check failed.</param>
public sealed record XfrmReplayReport(ulong Seq, ulong Oseq, uint[] Bitmap, long TooOld, long Replayed, long Failed);

/// <summary>JSON of the API's states and policies, generated at build time; names in camelCase.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(XfrmStateSpec))]
[JsonSerializable(typeof(XfrmPolicySpec))]
[JsonSerializable(typeof(XfrmStateReport))]
[JsonSerializable(typeof(XfrmStateReport[]))]
[JsonSerializable(typeof(XfrmPolicyReport))]
[JsonSerializable(typeof(XfrmPolicyReport[]))]
public sealed partial class XfrmJson : JsonSerializerContext;
