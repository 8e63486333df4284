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
        ArgumentNullException.ThrowIfNull(facts);
        List<PlanStep> steps = [];
        UpPlan.AddHooks(steps, config.PreDown, name);
        if (config.SaveConfig)
            steps.Add(new PlanStep.Save(name));
        var families = config.Table.IsAuto && device.FirewallMark != 0 ? DefaultRoutes(device) : [];
        foreach (var isIPv6 in families.Order())
        {
            steps.Add(new PlanStep.DeleteMarkRule(isIPv6, device.FirewallMark));
            steps.Add(new PlanStep.DeleteMainRule(isIPv6));
        }
        steps.Add(new PlanStep.DeleteLink(name));
        if (config.DnsServers.Count > 0)
            steps.Add(new PlanStep.UnsetDns($"{facts.ResolverPrefix}{name}"));
        if (families.Length > 0)
            steps.Add(new PlanStep.DeleteFilters(name, families));
        UpPlan.AddHooks(steps, config.PostDown, name);
        return steps;
    }

    // In the order in which their filters were made.
    private static bool[] DefaultRoutes(WireGuardConfig device) =>
        [.. device.Peers.SelectMany(peer => peer.AllowedIps).Where(prefix => prefix.IsDefault)
            .Select(prefix => prefix.Address.IsIPv6).Distinct().OrderDescending()];
}
