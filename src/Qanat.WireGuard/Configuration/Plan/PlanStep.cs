using Qanat.Packets;

namespace Qanat.WireGuard.Configuration;

/// <summary>One thing to do to a host. As text it is the command that wg-quick runs for it.</summary>
public abstract record PlanStep
{
    private PlanStep()
    {
    }

    /// <summary>The command.</summary>
    public abstract string Command { get; }

    /// <summary>What the command reads (a rule set, a resolver's entries), or nothing. It holds no key.</summary>
    public virtual string Input => "";

    /// <summary>The command.</summary>
    public sealed override string ToString() => Command;

    /// <summary>A line of shell that the file asks for.</summary>
    /// <param name="Line">The line, with the interface's name in it.</param>
    public sealed record RunHook(string Line) : PlanStep
    {
        /// <inheritdoc/>
        public override string Command => Line;
    }

    /// <summary>Makes the interface.</summary>
    public sealed record AddLink(string Device) : PlanStep
    {
        /// <inheritdoc/>
        public override string Command => $"ip link add dev {Device} type wireguard";
    }

    /// <summary>Takes the interface away; its addresses and routes go with it.</summary>
    public sealed record DeleteLink(string Device) : PlanStep
    {
        /// <inheritdoc/>
        public override string Command => $"ip link delete dev {Device}";
    }

    /// <summary>Gives the interface its key and its peers.</summary>
    /// <param name="Device">The interface.</param>
    /// <param name="Change">What to give; its keys are the file's.</param>
    public sealed record Configure(string Device, WireGuardChange Change) : PlanStep
    {
        /// <inheritdoc/>
        public override string Command => $"wg addconf {Device} /dev/fd/63";
    }

    /// <summary>Writes the file anew, from how things are.</summary>
    public sealed record Save(string Device) : PlanStep
    {
        /// <inheritdoc/>
        public override string Command => $"wg showconf {Device}";
    }

    /// <summary>Gives the interface an address.</summary>
    public sealed record AddAddress(string Device, InterfaceAddress Address) : PlanStep
    {
        /// <inheritdoc/>
        public override string Command => $"ip {Family(Address.Address.IsIPv6)} address add {Address} dev {Device}";
    }

    /// <summary>Sets the interface's MTU, and brings it up.</summary>
    /// <param name="Device">The interface.</param>
    /// <param name="Mtu">The largest inner packet, in bytes.</param>
    public sealed record BringUp(string Device, int Mtu) : PlanStep
    {
        /// <inheritdoc/>
        public override string Command => $"ip link set mtu {Mtu} up dev {Device}";
    }

    /// <summary>Names the servers to ask, and no others, and the domains to search.</summary>
    /// <param name="Record">The resolver's name for the interface.</param>
    /// <param name="Servers">The servers.</param>
    /// <param name="Search">The domains.</param>
    public sealed record SetDns(string Record, IReadOnlyList<IpAddress> Servers, IReadOnlyList<string> Search) : PlanStep
    {
        /// <inheritdoc/>
        public override string Command => $"resolvconf -a {Record} -m 0 -x";

        /// <inheritdoc/>
        public override string Input => string.Concat(Servers.Select(server => $"nameserver {server}\n")) +
            (Search.Count == 0 ? "" : $"search {string.Join(' ', Search)}\n");
    }

    /// <summary>Takes the servers back.</summary>
    public sealed record UnsetDns(string Record) : PlanStep
    {
        /// <inheritdoc/>
        public override string Command => $"resolvconf -d {Record} -f";
    }

    /// <summary>Marks the interface's own packets, so that they do not take the routes into it.</summary>
    public sealed record SetMark(string Device, uint Mark) : PlanStep
    {
        /// <inheritdoc/>
        public override string Command => $"wg set {Device} fwmark {Mark}";
    }

    /// <summary>Routes addresses into the interface.</summary>
    /// <param name="Device">The interface.</param>
    /// <param name="Destination">The addresses.</param>
    /// <param name="Table">The table's number or name; null for the main one.</param>
    public sealed record AddRoute(string Device, AllowedIp Destination, string? Table) : PlanStep
    {
        /// <inheritdoc/>
        public override string Command => $"ip {Family(Destination.Address.IsIPv6)} route add {Destination} dev {Device}" +
            (Table is null ? "" : $" table {Table}");
    }

    /// <summary>What is not marked looks into the table that has the mark's number.</summary>
    public sealed record AddMarkRule(bool IsIPv6, uint Table) : PlanStep
    {
        /// <inheritdoc/>
        public override string Command => $"ip {Family(IsIPv6)} rule add not fwmark {Table} table {Table}";
    }

    /// <summary>Takes that rule back.</summary>
    public sealed record DeleteMarkRule(bool IsIPv6, uint Table) : PlanStep
    {
        /// <inheritdoc/>
        public override string Command => $"ip {Family(IsIPv6)} rule delete table {Table}";
    }

    /// <summary>Before that, all look into the main table, for every route but its default.</summary>
    public sealed record AddMainRule(bool IsIPv6) : PlanStep
    {
        /// <inheritdoc/>
        public override string Command => $"ip {Family(IsIPv6)} rule add table main suppress_prefixlength 0";
    }

    /// <summary>Takes that rule back.</summary>
    public sealed record DeleteMainRule(bool IsIPv6) : PlanStep
    {
        /// <inheritdoc/>
        public override string Command => $"ip {Family(IsIPv6)} rule delete table main suppress_prefixlength 0";
    }

    /// <summary>Lets reverse-path filters know the mark.</summary>
    public sealed record SetSourceValidMark : PlanStep
    {
        /// <inheritdoc/>
        public override string Command => "sysctl -q net.ipv4.conf.all.src_valid_mark=1";
    }

    /// <summary>Refuses packets to the interface's addresses that come in elsewhere, and marks answers as their questions were.</summary>
    public sealed record AddFilter(string Device, bool IsIPv6, IReadOnlyList<IpAddress> Addresses, uint Mark) : PlanStep
    {
        /// <inheritdoc/>
        public override string Command => "nft -f /dev/fd/63";

        /// <inheritdoc/>
        public override string Input => FilterRules.Add(Device, IsIPv6, Addresses, Mark);
    }

    /// <summary>Takes the filters back.</summary>
    /// <param name="Device">The interface.</param>
    /// <param name="Families">Of which family each filter is: true for IPv6.</param>
    public sealed record DeleteFilters(string Device, IReadOnlyList<bool> Families) : PlanStep
    {
        /// <inheritdoc/>
        public override string Command => "nft -f /dev/fd/63";

        /// <inheritdoc/>
        public override string Input => string.Concat(Families.Select(isIPv6 => FilterRules.Delete(Device, isIPv6)));
    }

    private static string Family(bool isIPv6) => isIPv6 ? "-6" : "-4";
}
