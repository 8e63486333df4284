namespace Qanat.Daemon.WireGuard.Sight;

/// <summary>An interface does not tell what was asked.</summary>
/// <param name="name">The interface.</param>
/// <param name="silence">Why.</param>
public sealed class SilentInterfaceException(string name, Silence silence)
    : IOException($"{name}: {new InterfaceAnswer(name, null, silence, null).Reason}")
{
    /// <summary>Why.</summary>
    public Silence Silence => silence;
}
