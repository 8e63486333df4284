using Qanat.Daemon.Api;
using Qanat.Packets;

namespace Qanat.Cli.Iproute2.Links;

/// <summary>What <c>-details</c> tells of a tunnel, type by type, as iproute2 prints its kernel namesake.</summary>
/// <param name="writer">Where it goes.</param>
internal sealed class LinkDetails(DetailWriter writer)
{
    /// <summary>Writes what the type has, without the type's word.</summary>
    public void Write(TunnelSpec spec)
    {
        switch (spec.Mode)
        {
            case "ipip" or "sit" or "isatap" or "minimal":
                Iptunnel(spec);
                break;
            case "gre" or "gretap":
                Gre(spec);
                break;
            case "vti" or "vti6":
                Vti(spec);
                break;
            case "vxlan" when spec.Vxlan is { } vxlan:
                Vxlan(spec, vxlan);
                break;
            case "ip6gre" or "ip6gretap":
                IPv6(spec);
                GreFields(spec.Gre);
                LocalRemote(spec);
                Encap(spec);
                break;
            case "ip6ip6" or "ipip6" or "ip6any":
                writer.Text("proto", "", spec.Mode == "ip6any" ? "any" : spec.Mode);
                IPv6(spec);
                LocalRemote(spec);
                Encap(spec);
                break;
        }
    }

    private void Iptunnel(TunnelSpec spec)
    {
        writer.Text("proto", "", spec.Inner ?? (spec.Mode is "sit" or "isatap" ? "ip6ip" : spec.Mode));
        Ends(spec);
        TtlAndTos(spec);
        writer.Either("pmtudisc", "pmtudisc", spec.Pmtudisc);
        if (spec.Mode == "isatap")
            writer.Flag("isatap", "isatap");
        if (spec.Mode is "sit" or "isatap")
            Prefixes(spec.Sit ?? new());
        Mark(spec);
        Encap(spec);
    }

    private void Prefixes(SitSpec sit)
    {
        var hasRelay = !sit.RelayPrefix.StartsWith("0.0.0.0/", StringComparison.Ordinal);
        if (writer.Json is not { } json)
        {
            writer.Word($"6rd-prefix {sit.Prefix}");
            if (hasRelay)
                writer.Word($"6rd-relay_prefix {sit.RelayPrefix}");
            return;
        }
        Split("prefix", sit.Prefix);
        if (hasRelay)
            Split("relay_prefix", sit.RelayPrefix);

        void Split(string member, string prefix)
        {
            var slash = prefix.IndexOf('/');
            json.String(member, prefix[..slash]);
            json.Number(member + "len", int.Parse(prefix.AsSpan(slash + 1), provider: null));
        }
    }

    private void Gre(TunnelSpec spec)
    {
        Ends(spec);
        TtlAndTos(spec);
        if (writer.Json is { } json)
            json.Bool("pmtudisc", spec.Pmtudisc);
        else if (!spec.Pmtudisc)
            writer.Word("nopmtudisc");
        if (spec.IgnoreDf)
            writer.Flag("ignore_df", "ignore-df");
        GreFields(spec.Gre);
        Mark(spec);
        Encap(spec);
    }

    // A mark of 0 is none.
    private void Vti(TunnelSpec spec)
    {
        Ends(spec);
        var (input, output) = (spec.Gre?.InputKey, spec.Gre?.OutputKey);
        Key("ikey", input == 0 ? null : input);
        Key("okey", output == 0 ? null : output);
        Mark(spec);
    }

    private void GreFields(GreSpec? gre)
    {
        if (gre is null)
            return;
        Key("ikey", gre.InputKey);
        Key("okey", gre.OutputKey);
        if (gre.InputSequence)
            writer.Flag("iseq", "iseq");
        if (gre.OutputSequence)
            writer.Flag("oseq", "oseq");
        if (gre.InputChecksum)
            writer.Flag("icsum", "icsum");
        if (gre.OutputChecksum)
            writer.Flag("ocsum", "ocsum");
    }

    private void Key(string keyword, uint? key)
    {
        if (key is { } value)
            writer.Text(keyword, keyword, new IPv4Address(value).ToString());
    }

    private void IPv6(TunnelSpec spec)
    {
        var ipv6 = spec.IPv6 ?? new() { EncapLimit = IPv6Words.DefaultEncapLimit };
        Ends(spec);
        if (writer.Json is not null || spec.Ttl != 0)
            writer.Number("ttl", "hoplimit", spec.Ttl);
        else
            writer.Word("hoplimit inherit");
        if (ipv6.EncapLimit is { } limit)
            writer.Number("encap_limit", "encaplimit", limit);
        else
            writer.Flag("ip6_tnl_f_ign_encap_limit", "encaplimit none");
        if (ipv6.InheritTrafficClass)
            writer.Flag("ip6_tnl_f_use_orig_tclass", "tclass inherit");
        else
            writer.Text("tclass", "tclass", $"0x{spec.Tos:x2}");
        if (ipv6.InheritFlowLabel)
            writer.Flag("ip6_tnl_f_use_orig_flowlabel", "flowlabel inherit");
        else
            writer.Text("flowlabel", "flowlabel", $"0x{ipv6.FlowLabel:x5}");
        if (ipv6.CopyDscp)
            writer.Flag("ip6_tnl_f_rcv_dscp_copy", "dscp inherit");
    }

    private void LocalRemote(TunnelSpec spec)
    {
        if (spec.IPv6?.AllowLocalRemote == true)
            writer.Flag("ip6_tnl_f_allow_local_remote", "allow-localremote");
        Mark(spec);
    }

    private void Vxlan(TunnelSpec spec, VxlanSpec vxlan)
    {
        writer.Number("id", "id", vxlan.Id);
        if (IpAddress.TryParse(spec.Remote, out var remote))
        {
            var keyword = remote.IsMulticast ? "group" : "remote";
            writer.Text(remote.IsIPv6 ? keyword + "6" : keyword, keyword, spec.Remote);
        }
        if (IpAddress.TryParse(spec.Local, out var local))
            writer.Text(local.IsIPv6 ? "local6" : "local", "local", spec.Local);
        if (spec.Dev is not null)
            writer.Text("link", "dev", spec.Dev);
        if (writer.Json is { } json)
        {
            json.BeginObject("port_range");
            json.Number("low", vxlan.SourcePortMin);
            json.Number("high", vxlan.SourcePortMax);
            json.EndObject();
        }
        else
        {
            writer.Word($"srcport {vxlan.SourcePortMin} {vxlan.SourcePortMax}");
        }
        writer.Number("port", "dstport", vxlan.Port);
        writer.Json?.Bool("learning", vxlan.Learning);
        if (!vxlan.Learning)
            writer.Word("nolearning");
        Tos(spec);
        if (vxlan.InheritTtl)
            writer.Word("ttl inherit");
        else if (writer.Json is not null || spec.Ttl != 0)
            writer.Number("ttl", "ttl", spec.Ttl);
        else
            writer.Word("ttl auto");
        writer.Json?.String("df", "unset");
        writer.Number("ageing", "ageing", vxlan.Ageing);
        if (vxlan.MaxAddresses != 0)
            writer.Number("limit", "maxaddr", vxlan.MaxAddresses);
        writer.Either("udp_csum", "udpcsum", vxlan.Checksum);
        writer.Either("udp_zero_csum6_tx", "udp6zerocsumtx", vxlan.NoChecksum6Tx);
        writer.Either("udp_zero_csum6_rx", "udp6zerocsumrx", vxlan.NoChecksum6Rx);
    }

    private void Ends(TunnelSpec spec)
    {
        writer.Text("remote", "remote", spec.Remote);
        writer.Text("local", "local", spec.Local);
        if (spec.Dev is not null)
            writer.Text("link", "dev", spec.Dev);
    }

    private void TtlAndTos(TunnelSpec spec)
    {
        if (writer.Json is not null || spec.Ttl != 0)
            writer.Number("ttl", "ttl", spec.Ttl);
        else
            writer.Word("ttl inherit");
        Tos(spec);
    }

    private void Tos(TunnelSpec spec)
    {
        if (spec.Tos == 1 && writer.Json is null)
            writer.Word("tos inherit");
        else if (spec.Tos != 0)
            writer.Text("tos", "tos", $"0x{spec.Tos:x}");
    }

    private void Mark(TunnelSpec spec)
    {
        if (spec.Mark != 0)
            writer.Text("fwmark", "fwmark", $"0x{spec.Mark:x}");
    }

    private void Encap(TunnelSpec spec)
    {
        if (spec.Encap is not { } encap)
            return;
        if (writer.Json is { } json)
        {
            json.BeginObject("encap");
            json.String("type", encap.Type);
            json.Number("sport", encap.SourcePort);
            json.Number("dport", encap.DestinationPort);
            json.Bool("csum", encap.Checksum);
            json.Bool("csum6", encap.Checksum6);
            json.Bool("remcsum", encap.RemoteChecksum);
            json.EndObject();
            return;
        }
        writer.Word($"encap {encap.Type}");
        writer.Word(encap.SourcePort == 0 ? "encap-sport auto" : $"encap-sport {encap.SourcePort}");
        writer.Word($"encap-dport {encap.DestinationPort}");
        writer.Either("csum", "encap-csum", encap.Checksum);
        writer.Either("csum6", "encap-csum6", encap.Checksum6);
        writer.Either("remcsum", "encap-remcsum", encap.RemoteChecksum);
    }
}
