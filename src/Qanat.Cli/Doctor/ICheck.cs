using Qanat.Cli.Doctor.Facts;

namespace Qanat.Cli.Doctor;

/// <summary>Looks at the facts for one kind of fault. It reads nothing itself, and so needs no machine to be tested on.</summary>
internal interface ICheck
{
    /// <summary>Its name, in kebab-case.</summary>
    string Name { get; }

    /// <summary>What is the case when it finds nothing, as a clause; empty when that is not worth a line.</summary>
    string Healthy { get; }

    /// <summary>What it finds; nothing when all is well, or what is well in words of its own (<see cref="Severity.Ok"/>).</summary>
    IEnumerable<Finding> Examine(Machine machine);
}
