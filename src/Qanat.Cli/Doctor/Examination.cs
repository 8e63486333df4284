using Qanat.Cli.Doctor.Checks;
using Qanat.Cli.Doctor.Facts;

namespace Qanat.Cli.Doctor;

/// <summary>All checks over one machine.</summary>
internal static class Examination
{
    /// <summary>The checks, from the machine to what runs on it.</summary>
    public static IReadOnlyList<ICheck> Checks { get; } =
    [
        new DeviceNodeCheck(), new CapabilityCheck(), new KernelOptionCheck(), new OffloadCheck(), new DestinationCheck(),
        new DeviceStateCheck(), new HolderCheck(), new FarEndCheck(), new RouteCheck(), new ReversePathCheck(), new ForwardingCheck(),
        new MtuCheck(), new IPv6Check(), new OverlapCheck(), new FirewallCheck(), new DaemonCheck(), new WireGuardCheck(),
    ];

    /// <summary>
    /// What they find of what was asked about, the worst first; and a line for each check that found nothing.
    /// </summary>
    public static IReadOnlyList<Finding> Run(Machine machine)
    {
        var scope = Scope.Of(machine);
        List<Finding> findings = [];
        foreach (var check in Checks)
        {
            var before = findings.Count;
            // Two tunnels may have one and the same thing said about the machine.
            findings.AddRange(check.Examine(machine).Where(finding => finding.Device is null || scope.Has(finding.Device))
                .DistinctBy(finding => finding.What));
            if (findings.Count == before && check.Healthy.Length > 0)
                findings.Add(Finding.Ok(check.Name, check.Healthy));
        }
        return [.. findings.OrderByDescending(finding => finding.Severity)]; // stable: checks keep their order
    }
}
