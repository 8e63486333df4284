namespace Qanat.WireGuard.Configuration;

/// <summary>
/// What is to be done, in order, so that an interface is up as its file says: what <c>wg-quick up</c> does (wireguard-tools
/// 1.0.20260223), as values.
/// </summary>
public static class UpPlan
{
    // An IPv6 header, one of UDP, and WireGuard's own header and tag.
    private const int Overhead = 40 + 8 + 32, UsualMtu = 1500;

    /// <summary>Makes the plan.</summary>
    /// <param name="name">The interface.</param>
    /// <param name="config">Its file.</param>
    /// <param name="facts">The host that it comes to.</param>
    public static IReadOnlyList<PlanStep> Of(string name, WgQuickConfig config, HostFacts facts)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(facts);
        List<PlanStep> steps = [new PlanStep.AddLink(name)];
        AddHooks(steps, config.PreUp, name);
        steps.Add(new PlanStep.Configure(name, config.Change));
        foreach (var address in config.Addresses)
            steps.Add(new PlanStep.AddAddress(name, address));
        steps.Add(new PlanStep.BringUp(name, config.Mtu ?? MtuOf(facts)));
        if (config.DnsServers.Count > 0)
            steps.Add(new PlanStep.SetDns($"{facts.ResolverPrefix}{name}", config.DnsServers, config.DnsSearch));
        if (!config.Table.IsOff)
            AddRoutes(steps, name, config, facts);
        AddHooks(steps, config.PostUp, name);
        return steps;
    }

    /// <summary>The MTU that leaves room for WireGuard on the narrowest way to a peer.</summary>
    public static int MtuOf(HostFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        return (facts.EndpointMtus.Count > 0 ? facts.EndpointMtus.Min() : facts.DefaultMtu ?? UsualMtu) - Overhead;
    }

    internal static void AddHooks(List<PlanStep> steps, IReadOnlyList<string> hooks, string name)
    {
        foreach (var hook in hooks)
            steps.Add(new PlanStep.RunHook(hook.Replace("%i", name, StringComparison.Ordinal)));
    }

    // The longest prefixes first, and those of a length from the last to the first, as sort(1) has them in reverse.
    private static void AddRoutes(List<PlanStep> steps, string name, WgQuickConfig config, HostFacts facts)
    {
        var device = config.Device;
        var mark = device.FirewallMark;
        var connected = config.Addresses.Where(address => address.Address.IsIPv6 || address.Length < 32)
            .Select(address => address.Network).ToArray();
        foreach (var prefix in device.Peers.SelectMany(peer => peer.AllowedIps)
            .OrderByDescending(prefix => prefix.Length).ThenByDescending(prefix => prefix.ToString(), StringComparer.Ordinal))
            if (!config.Table.IsAuto)
                steps.Add(new PlanStep.AddRoute(name, prefix, config.Table.Written));
            else if (prefix.IsDefault)
                AddDefault(steps, name, prefix, config, facts, ref mark);
            else if (!connected.Any(network => network.Contains(prefix))) // That route there is already, with the address.
                steps.Add(new PlanStep.AddRoute(name, prefix, null));
    }

    private static void AddDefault(
        List<PlanStep> steps, string name, AllowedIp prefix, WgQuickConfig config, HostFacts facts, ref uint mark)
    {
        if (mark == 0)
            steps.Add(new PlanStep.SetMark(name, mark = facts.FreeTable));
        var isIPv6 = prefix.Address.IsIPv6;
        // The rules come before the route, or packets of the interface itself would go into it for a moment.
        steps.Add(new PlanStep.AddMarkRule(isIPv6, mark));
        steps.Add(new PlanStep.AddMainRule(isIPv6));
        steps.Add(new PlanStep.AddRoute(name, prefix, $"{mark}"));
        if (!isIPv6 && !facts.SourceValidMark)
            steps.Add(new PlanStep.SetSourceValidMark());
        var addresses = config.Addresses.Select(address => address.Address).Where(address => address.IsIPv6 == isIPv6);
        steps.Add(new PlanStep.AddFilter(name, isIPv6, [.. addresses], mark));
    }
}
