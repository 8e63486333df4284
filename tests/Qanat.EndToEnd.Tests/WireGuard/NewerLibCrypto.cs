using Qanat.Testing;

namespace Qanat.EndToEnd.Tests.WireGuard;

/// <summary>The program under test with a libcrypto that has ML-KEM, as a folder that may go in front of PATH.</summary>
public sealed class NewerLibCrypto : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5); // The first time fetches packages.

    /// <summary>Makes the folder.</summary>
    public NewerLibCrypto()
    {
        using var running = new RunningCommand(
            $"{Repository.PathOf("tests/peers/newer-libcrypto")} {Repository.Qanat} {Folder}/qanat && ln -s qanat {Folder}/qanat-wg");
        _ = running.WaitForExit(s_limit).Required;
    }

    /// <summary>The folder.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("qanat-newer-").FullName;

    /// <summary><c>qanat-wg</c> that is asked for post-quantum keys, and can make them.</summary>
    public string Program => $"env QANAT_POST_QUANTUM=1 {Folder}/qanat-wg";

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
