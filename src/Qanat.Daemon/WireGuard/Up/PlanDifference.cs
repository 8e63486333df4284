using Qanat.WireGuard.Configuration;

namespace Qanat.Daemon.WireGuard.Up;

/// <summary>
/// What is to be done to an interface that is up as one plan says, so that it is as another says. The new comes before the old
/// goes: no packet finds no way between them, or one past the tunnel.
/// </summary>
/// <param name="Obstacles">What is over, and would stand in the way of what is new: to be undone first.</param>
/// <param name="Added">What is new, in the order of its plan.</param>
/// <param name="Over">What else is over: to be undone last.</param>
internal sealed record PlanDifference(IReadOnlyList<PlanStep> Obstacles, IReadOnlyList<PlanStep> Added, IReadOnlyList<PlanStep> Over)
{
    /// <summary>Compares what was done with what is to be.</summary>
    public static PlanDifference Between(IReadOnlyList<PlanStep> done, IReadOnlyList<PlanStep> plan)
    {
        HashSet<(string, string)> before = [.. done.Select(KeyOf)], after = [.. plan.Select(KeyOf)];
        List<PlanStep> added = [.. plan.Where(step => IsOvertaken(step) || !before.Contains(KeyOf(step)))];
        List<PlanStep> over = [.. done.Where(step => (IsOvertaken(step) || !after.Contains(KeyOf(step))) && !IsReplaced(step))];
        return new([.. over.Where(IsObstacle)], added, [.. over.Where(step => !IsObstacle(step))]);

        // A new rule stands before those that there are, and the one for the main table has to stand before it again.
        bool IsOvertaken(PlanStep step) => step is PlanStep.AddMainRule { IsIPv6: var isIPv6 } &&
            plan.OfType<PlanStep.AddMarkRule>().Any(rule => rule.IsIPv6 == isIPv6 && !done.Contains(rule));

        bool IsReplaced(PlanStep step) => added.Exists(by => Replaces(by, step));

        // Where an address is, the kernel has a route for its network; and filters of an IP version have one table.
        bool IsObstacle(PlanStep step) => step is PlanStep.AddAddress ||
            (step is PlanStep.AddFilter { IsIPv6: var isIPv6 } && added.OfType<PlanStep.AddFilter>().Any(by => by.IsIPv6 == isIPv6));
    }

    /// <summary>True when a step leaves nothing of an earlier one: servers and sizes are replaced, not added to.</summary>
    public static bool Replaces(PlanStep by, PlanStep step) => (by, step) is
        (PlanStep.BringUp, PlanStep.BringUp) or (PlanStep.SetDns, PlanStep.SetDns);

    // Steps that say the same are the same.
    private static (string, string) KeyOf(PlanStep step) => (step.Command, step.Input);
}
