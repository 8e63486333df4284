using Qanat.Linux.Namespaces;

namespace Qanat.Daemon.Lifecycle;

/// <summary>The network namespace of this process, as the kernel tells.</summary>
/// <param name="network">Its handle, which this object owns from now on.</param>
internal sealed class LinuxNamespace(NetworkNamespace network) : INetworkNamespace
{
    private readonly FileIdentity _identity = FileIdentity.Of(network.Handle);
    private string? _name;

    /// <inheritdoc/>
    public ulong Cookie => network.Cookie ?? 0;

    /// <inheritdoc/>
    public string Display => network.Names is [var name, ..] ? name : network.ToString();

    /// <inheritdoc/>
    public bool IsInitial => network.Holds(processId: 1);

    /// <inheritdoc/>
    /// <remarks>All names are gone through only when the one that was last found has gone: this is asked four times a second.</remarks>
    public bool HasName
    {
        get
        {
            if (_name is null || !Is($"/run/netns/{_name}"))
                _name = network.Names is [var name, ..] ? name : null;
            return _name is not null;
        }
    }

    /// <inheritdoc/>
    public bool HasOtherProcesses => network.HasOtherProcesses();

    /// <inheritdoc/>
    public void Dispose() => network.Dispose();

    private bool Is(string path) => FileIdentity.Get(path, out var other) == 0 && other == _identity;
}
