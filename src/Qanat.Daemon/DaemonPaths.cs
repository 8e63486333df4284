using Qanat.Linux.Namespaces;

namespace Qanat.Daemon;

/// <summary>Where a namespace's daemon keeps its things: one set of files a network namespace, named after its inode.</summary>
/// <param name="Directory">The folder, <c>/run/qanat</c> unless <c>QANAT_RUN_DIR</c> says otherwise.</param>
/// <param name="Inode">Inode of the network namespace.</param>
public sealed record DaemonPaths(string Directory, ulong Inode)
{
    /// <summary>The API's socket.</summary>
    public string Socket => Path.Combine(Directory, $"{Inode}.sock");

    /// <summary>The tunnels that are to exist.</summary>
    public string State => Path.Combine(Directory, $"{Inode}.json");

    /// <summary>The UDP ports that are to receive for tunnels.</summary>
    public string Fou => Path.Combine(Directory, $"{Inode}.fou.json");

    /// <summary>The tunnels of L2TP that are to exist.</summary>
    public string L2tp => Path.Combine(Directory, $"{Inode}.l2tp.json");

    /// <summary>The entries of forwarding tables that are to exist.</summary>
    public string Fdb => Path.Combine(Directory, $"{Inode}.fdb.json");

    /// <summary>The IPsec states and policies that are to exist, with their keys.</summary>
    public string XfrmState => Path.Combine(Directory, $"{Inode}.xfrm.json");

    /// <summary>Whether a daemon was there that kept anything.</summary>
    public bool AnyState => Array.Exists([State, Fou, L2tp, Fdb, XfrmState], File.Exists);

    /// <summary>Held by the daemon while it lives.</summary>
    public string Lock => Path.Combine(Directory, $"{Inode}.lock");

    /// <summary>What a daemon that a command started has to say.</summary>
    public string Log => Path.Combine(Directory, $"{Inode}.log");

    /// <summary>The paths for the network namespace that this thread is in.</summary>
    public static DaemonPaths ForThisNamespace()
    {
        var chosen = Environment.GetEnvironmentVariable("QANAT_RUN_DIR");
        var directory = string.IsNullOrEmpty(chosen) ? "/run/qanat" : Path.GetFullPath(chosen);
        return new(directory, NetworkNamespace.CurrentInode);
    }
}
