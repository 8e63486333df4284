namespace Qanat.WireGuard.Configuration;

/// <summary>
/// What is to be done, in order, so that nothing is left of an interface: what <c>wg-quick down</c> does, as values, but that
/// rules of other interfaces stay.
/// </summary>
public static class DownPlan
{
    /// <summary>Makes the plan.</summary>
    /// <param name="name">The interface.</param>
    /// <param name="config">Its file.</param>
    /// <param name="device">The interface as it is: its mark and its peers say what its rules are.</param>
    /// <param name="facts">The host that it leaves.</param>
    public static IReadOnlyList<PlanStep> Of(string name, WgQuickConfig config, WireGuardConfig device, HostFacts facts)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(device);
        return Of(name, config, device.FirewallMark, config.Table.IsAuto && device.FirewallMark != 0 ? DefaultRoutes(device) : [], facts);
    }

    /// <summary>Makes the plan for an interface of which it is known what it did.</summary>
    /// <param name="name">The interface.</param>
    /// <param name="config">Its hooks, its servers, and whether it is saved; the rest is not looked at.</param>
    /// <param name="mark">The mark and the table of its default routes.</param>
    /// <param name="families">Which default routes it had, in the order in which their filters were made: true for IPv6.</param>
    /// <param name="facts">The host that it leaves.</param>
    public static IReadOnlyList<PlanStep> Of(
        string name, WgQuickConfig config, uint mark, IReadOnlyList<bool> families, HostFacts facts)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(families);
        ArgumentNullException.ThrowIfNull(facts);
        List<PlanStep> steps = [];
        UpPlan.AddHooks(steps, config.PreDown, name);
        if (config.SaveConfig)
            steps.Add(new PlanStep.Save(name));
        foreach (var isIPv6 in families.Order())
        {
            steps.Add(new PlanStep.DeleteMarkRule(isIPv6, mark));
            steps.Add(new PlanStep.DeleteMainRule(isIPv6));
        }
        steps.Add(new PlanStep.DeleteLink(name));
        if (config.DnsServers.Count > 0)
            steps.Add(new PlanStep.UnsetDns($"{facts.ResolverPrefix}{name}"));
        if (families.Count > 0)
            steps.Add(new PlanStep.DeleteFilters(name, families));
        UpPlan.AddHooks(steps, config.PostDown, name);
        return steps;
    }

    // In the order in which their filters were made.
    private static bool[] DefaultRoutes(WireGuardConfig device) =>
        [.. device.Peers.SelectMany(peer => peer.AllowedIps).Where(prefix => prefix.IsDefault)
            .Select(prefix => prefix.Address.IsIPv6).Distinct().OrderDescending()];
}
