using Qanat.Cli.Doctor.Facts;

namespace Qanat.Cli.Doctor;

/// <summary>What an examination came to.</summary>
/// <param name="Namespace">The network namespace, as the kernel writes it.</param>
/// <param name="Portraits">What was asked about.</param>
/// <param name="Findings">What was found, the worst first.</param>
internal sealed record Report(string Namespace, IReadOnlyList<Portrait> Portraits, IReadOnlyList<Finding> Findings)
{
    /// <summary>Examines a machine.</summary>
    public static Report Of(Machine machine) => new(machine.Namespace, Portrait.Of(machine), Examination.Run(machine));

    /// <summary>How many findings there are of a severity.</summary>
    public int Count(Severity severity) => Findings.Count(finding => finding.Severity == severity);

    /// <summary>The program's exit code: 1 when something blocks.</summary>
    public int ExitCode => Count(Severity.Blocks) > 0 ? 1 : 0;
}
