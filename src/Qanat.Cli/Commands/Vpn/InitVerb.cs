using System.CommandLine;
using Qanat.Cli.Iproute2;
using Qanat.Packets;
using Qanat.Vpn;
using Qanat.Vpn.Storage;
using Qanat.WireGuard.Configuration;

namespace Qanat.Cli.Commands.Vpn;

/// <summary><c>qanat vpn init</c>: makes a network, with nobody in it but the hub.</summary>
internal static class InitVerb
{
    /// <summary>The verb.</summary>
    public static Command Create(GlobalOptions options, Session session)
    {
        var name = VpnWords.NewNetwork("Its name, and its interface's");
        var endpoint = VpnWords.Read("--endpoint", "HOST:PORT", "Where peers find the hub; it listens on that UDP port", VpnText.Endpoint);
        var subnet = VpnWords.Read(
            "--subnet", "NETWORK[,NETWORK]", "The peers' addresses: 10.8.0.0/24, fd00:8::/64, or one of each", VpnText.Subnets);
        var access = VpnWords.Read(
            "--access", "peers|intranet=NETWORK,...|internet", "What peers may reach: each other, networks behind the hub, or everything",
            VpnAccess.Parse);
        var dns = VpnWords.Read<(IReadOnlyList<IpAddress> Servers, IReadOnlyList<string> Search)?>(
            "--dns", "ADDRESS|DOMAIN,...", "Name servers for the peers, and domains to search", text => VpnText.Dns(text));
        var mtu = VpnWords.Read<int?>("--mtu", "BYTES", "The largest inner packet, at hub and peers", text => VpnText.Mtu(text));
        var postQuantum = UpCommand.PostQuantumOption();
        var json = VpnWords.Json();
        (endpoint.Required, subnet.Required, access.Required) = (true, true, true);
        access.CompletionSources.Add("peers", "intranet=", "internet");
        var command = new Command("init", "Make a network: its folder, and the hub's key.")
        {
            name, endpoint, subnet, access, dns, mtu, postQuantum, json,
        };
        command.SetAction(parsed => VpnWords.Run(() =>
        {
            Check(parsed.GetValue(mtu), parsed.GetRequiredValue(subnet));
            var names = parsed.GetValue(dns);
            using var network = new VpnNetwork
            {
                Name = parsed.GetRequiredValue(name),
                Endpoint = parsed.GetRequiredValue(endpoint),
                PrivateKey = WireGuardKeys.GeneratePrivate(),
                Subnets = parsed.GetRequiredValue(subnet),
                Access = parsed.GetRequiredValue(access),
                DnsServers = names?.Servers ?? [],
                DnsSearch = names?.Search ?? [],
                Mtu = parsed.GetValue(mtu),
                PostQuantum = parsed.GetValue(postQuantum),
                Created = session.Vpn.Now,
            };
            return Run(network, parsed.GetValue(json) || options.Json, session);
        }));
        return command;
    }

    // Two words that make no sense together are refused as one that makes none.
    private static void Check(int? mtu, IReadOnlyList<AllowedIp> subnets)
    {
        try
        {
            if (mtu is { } bytes)
                VpnText.CheckMtu(bytes, subnets);
        }
        catch (VpnException wrong)
        {
            throw CommandFailure.Nonsense(wrong.Message);
        }
    }

    private static int Run(VpnNetwork network, bool json, Session session)
    {
        var directory = session.Vpn.Open(network.Name);
        directory.Create(network, new(AuditEvent.Init) { Who = Caller.Name });
        if (json)
            session.Out.Write(VpnJson.Text(NetworkReport.Of(network, directory, null)));
        else
            session.Out.Write($"""
                {network.Name} is in {directory.Folder}, for its owner's eyes only.
                The hub has {string.Join(", ", network.Addresses)}, UDP port {network.ListenPort}, public key {network.PublicKey}

                Next:
                  qanat vpn up {network.Name}
                      on this machine; and let UDP port {network.ListenPort} in, where a firewall is before it
                  qanat vpn invite {network.Name} PEER --qr
                      for each machine that is to join

                """);
        if (network.Access is VpnAccess.Internet && network.DnsServers.Count == 0)
            session.Error.Write("Peers go on asking the name servers that they have, perhaps past the tunnel: name others with --dns.\n");
        if (network.Access is VpnAccess.Intranet { Prefixes: var prefixes })
            ThroughWarnings.OfFamily(session, network, "Peers have", prefixes, version => $"name a subnet of IPv{version} too");
        ThroughWarnings.OfEndpoint(
            session, network, VpnClientFile.Through(network), "take another endpoint, or invite with a --split that leaves it out");
        List<string> others = [.. VpnDirectory.Names(session.Vpn.Root).Where(name => name != network.Name)];
        foreach (var name in others)
            WarnOf(name, network, session);
        HostSubnets.Warn(network, session, others);
        return 0;
    }

    // The folder may be for another machine; here only one of both can be up.
    private static void WarnOf(string name, VpnNetwork network, Session session)
    {
        try
        {
            using var other = session.Vpn.Open(name).Read();
            var common = other.Subnets.Where(one => network.Subnets.Any(own => HostSubnets.Overlap(own, one)))
                .Select(subnet => $"{subnet}").Concat(other.ListenPort == network.ListenPort ? [$"UDP port {other.ListenPort}"] : []);
            if (common.Any())
                session.Error.Write($"The network {name} has {string.Join(", ", common)} too: they cannot both be up on one machine.\n");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException) // what is wrong with it is not this one's
        {
        }
    }
}
