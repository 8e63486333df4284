using Qanat.Crypto;
using Qanat.WireGuard;

namespace Qanat.Daemon.WireGuard;

/// <summary>Post-quantum preshared keys: made where users ask for them and libcrypto has ML-KEM.</summary>
public static class PostQuantumKeys
{
    /// <summary>What users are told who ask for them where there can be none; null when there is nothing to tell.</summary>
    /// <param name="wanted">Whether they ask.</param>
    public static string? Obstacle(bool wanted) => !wanted || MlKem.IsSupported
        ? null
        : $"post-quantum keys are off: {LibCrypto.Version} has no ML-KEM; OpenSSL 3.5 or later has it";

    /// <summary>What makes them; null for none.</summary>
    internal static IKeyEncapsulation? Create(bool wanted) => wanted && MlKem.IsSupported ? new MlKemEncapsulation() : null;
}
