using System.Security.Cryptography;
using Qanat.Linux;
using Qanat.Linux.Storage;
using Qanat.WireGuard.Configuration;

namespace Qanat.Vpn.Storage;

/// <summary>
/// Where a network is kept: <c>network.json</c>, which is whole at every moment, <c>audit.log</c>, to which lines are added alone,
/// and the locks. All are their owner's only. One writes at a time; readers wait for nobody.
/// </summary>
public sealed class VpnDirectory
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const string NetworkFile = "network.json";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10), s_look = TimeSpan.FromMilliseconds(10);

    // Whoever asks whether a hub runs holds its lock for a moment.
    private static readonly TimeSpan s_glance = TimeSpan.FromMilliseconds(500);

    private readonly TimeProvider _time;
    private readonly DurableFile _network;
    private readonly AuditLog _audit;

    /// <summary>The directory of a network, whether or not it is there.</summary>
    /// <param name="name">The network's name.</param>
    /// <param name="root">The folder of all networks; null for <see cref="Root"/>.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <param name="files">The disk; null for the real one.</param>
    /// <exception cref="VpnException">The name is none.</exception>
    public VpnDirectory(string name, string? root = null, TimeProvider? time = null, IStateFiles? files = null)
    {
        Name = VpnText.NetworkName(name);
        Folder = Path.Combine(root ?? Root, Name);
        _time = time ?? TimeProvider.System;
        _network = new(At(NetworkFile), "the network is", files ?? new StateFiles());
        _audit = new(At("audit.log"), _time);
    }

    /// <summary>The folder of all networks: <c>/etc/qanat</c>, unless <c>QANAT_CONFIG_DIR</c> says otherwise.</summary>
    public static string Root => Environment.GetEnvironmentVariable("QANAT_CONFIG_DIR") is { Length: > 0 } chosen
        ? Path.GetFullPath(chosen)
        : "/etc/qanat";

    /// <summary>The network's name.</summary>
    public string Name { get; }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>Whether the network is there.</summary>
    public bool Exists => _network.Exists;

    /// <summary>A line that warns of the network's keys, when somebody has made it so that others may read them; else null.</summary>
    public string? Warning =>
        ConfigPath.IsWorldAccessible(File.GetUnixFileMode(At(NetworkFile)), File.GetUnixFileMode(Folder))
            ? $"Warning: {At(NetworkFile)} is world accessible, and its keys with it; chmod 700 {Folder}"
            : null;

    /// <summary>Refuses who may not read the network, whether or not there is one.</summary>
    /// <exception cref="LinuxException">It is another user's.</exception>
    public void Demand()
    {
        if (!Exists && Missing() is LinuxException forbidden)
            throw forbidden;
    }

    /// <summary>The networks that there are, in the order of their names.</summary>
    /// <param name="root">The folder of all; null for <see cref="Root"/>.</param>
    public static IReadOnlyList<string> Names(string? root = null)
    {
        root ??= Root;
        return Directory.Exists(root)
            ? [.. Directory.EnumerateDirectories(root)
                .Where(path => File.Exists(Path.Combine(path, NetworkFile)))
                .Select(path => Path.GetFileName(path)!)
                .Order(StringComparer.Ordinal)]
            : [];
    }

    /// <summary>
    /// The network as it is kept; what is due since is not done yet (<see cref="VpnNetwork.At"/>). Its keys are the caller's.
    /// </summary>
    /// <exception cref="VpnException">There is none, or its file makes no sense.</exception>
    /// <exception cref="LinuxException">It cannot be read.</exception>
    public VpnNetwork Read() => Parse(_network.Peek());

    /// <summary>Makes the folder, with a new network in it.</summary>
    /// <exception cref="VpnException">There is one of that name, or it makes no sense.</exception>
    /// <exception cref="LinuxException">It cannot be written; then nothing is left of it.</exception>
    public void Create(VpnNetwork network, AuditEntry entry)
    {
        ArgumentNullException.ThrowIfNull(network);
        NetworkRules.Check(network);
        var isNew = !Directory.Exists(Folder);
        try
        {
            MakeFolders();
            using var taken = Lock();
            if (_network.Exists)
                throw new VpnException($"there is a network {Name} already, in {Folder}; choose another name, or remove that folder");
            Write(network, [entry]);
        }
        catch (Exception fault) when (fault is IOException and not VpnException)
        {
            if (isNew && Directory.Exists(Folder) && !_network.Exists)
                Directory.Delete(Folder, recursive: true);
            throw;
        }
    }

    /// <summary>Changes the network, whole or not at all, and says so in the audit log. What is due by now is done first.</summary>
    /// <param name="change">Makes another network of the one that is kept, and says what happened; nothing else is done meanwhile.</param>
    /// <param name="deliver">Done when the disk has all of it, and before it counts: when it throws, nothing changes.</param>
    /// <returns>The network as it is now.</returns>
    /// <exception cref="VpnException">There is none, or the change refuses: then nothing changes.</exception>
    /// <exception cref="LinuxException">It cannot be read or written: then nothing changes.</exception>
    public VpnNetwork Update(Func<VpnNetwork, (VpnNetwork Network, AuditEntry? Entry)> change, Action? deliver = null)
    {
        ArgumentNullException.ThrowIfNull(change);
        if (!Exists)
            throw Missing();
        using var taken = Lock();
        var kept = Parse(_network.Read());
        var due = kept.At(_time.GetUtcNow());
        var (network, entry) = change(due);
        if (!ReferenceEquals(network, kept))
            Write(network, [.. Expired(kept, due), .. entry is null ? [] : new[] { entry }], deliver);
        return network;
    }

    /// <summary>Does what is due by now, so that clocks which are put back cannot undo it.</summary>
    /// <returns>The network as it is now.</returns>
    /// <exception cref="VpnException">There is none.</exception>
    /// <exception cref="LinuxException">It cannot be read or written.</exception>
    public VpnNetwork Expire() => Update(network => (network, null));

    /// <summary>Adds lines to the audit log.</summary>
    /// <exception cref="LinuxException">They cannot be written; then none is.</exception>
    public void Record(params IReadOnlyList<AuditEntry> entries)
    {
        using var taken = Lock();
        _audit.Append(entries);
    }

    /// <summary>What makes a running hub the only one of its network, until it is disposed of or the process ends.</summary>
    /// <exception cref="VpnException">Another process runs it; or there is no such network.</exception>
    /// <exception cref="LinuxException">The lock's file cannot be made.</exception>
    public FileLock TakeHub()
    {
        if (!Exists)
            throw Missing();
        return Take("hub.lock", s_glance) ?? throw new VpnException(
            $"another process runs the network {Name} of {Folder} already; take it down first: qanat vpn down {Name}");
    }

    /// <summary>Whether a process runs the network.</summary>
    public bool IsRun
    {
        get
        {
            if (!File.Exists(At("hub.lock")))
                return false;
            using var taken = TryTake(At("hub.lock"));
            return taken is null;
        }
    }

    /// <summary>Follows the directory, until it or one above it is replaced by another.</summary>
    /// <param name="changed">Called after each change of the network, on a thread of the pool, and perhaps without a change.</param>
    /// <returns>What ends it.</returns>
    /// <exception cref="IOException">The kernel has no more watches to give.</exception>
    public IDisposable Watch(Action changed) => new DirectoryWatch(Folder, NetworkFile, changed);

    private static IEnumerable<AuditEntry> Expired(VpnNetwork before, VpnNetwork after) =>
        before.Peers.Zip(after.Peers).SelectMany(pair => Expired(pair.First, pair.Second));

    private static IEnumerable<AuditEntry> Expired(VpnPeer before, VpnPeer after)
    {
        if (after.HasExpired && !before.HasExpired)
            yield return new(AuditEvent.Expire, after.Name) { Until = before.Expires };
        foreach (var over in before.FormerKeys.ExceptBy(after.FormerKeys.Select(former => former.PublicKey), former => former.PublicKey))
            yield return new(AuditEvent.ExpireKey, after.Name) { Until = over.Until };
    }

    private string At(string file) => Path.Combine(Folder, file);

    private Exception Missing()
    {
        try
        {
            if (Directory.Exists(Folder))
                Directory.GetFiles(Folder);
            return new VpnException($"there is no network {Name} in {Path.GetDirectoryName(Folder)}; to make one: qanat vpn init --help");
        }
        catch (UnauthorizedAccessException fault)
        {
            return new LinuxException($"read {Folder}", Errno.Of(fault), "networks are their owner's only, as a rule root's");
        }
    }

    private VpnNetwork Parse(byte[]? bytes)
    {
        if (bytes is null)
            throw Missing();
        try
        {
            return NetworkDocument.Read(bytes, Name, At(NetworkFile));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    // The log goes before: there is no change that it does not tell of.
    private void Write(VpnNetwork network, IReadOnlyList<AuditEntry> entries, Action? deliver = null)
    {
        using var text = new SecretBuffer();
        NetworkDocument.Write(text, network);
        _network.Write(text.WrittenMemory, () => _audit.Append(entries, deliver));
    }

    private FileLock Lock() => Take("lock", s_patience) ?? throw new VpnException(
        $"another process has held {At("lock")} for {s_patience.TotalSeconds:0} s; try again when it is done");

    private FileLock? Take(string file, TimeSpan patience)
    {
        for (var end = Environment.TickCount64 + (long)patience.TotalMilliseconds; ; Thread.Sleep(s_look))
            if (TryTake(At(file)) is { } taken)
                return taken;
            else if (Environment.TickCount64 > end)
                return null;
    }

    private FileLock? TryTake(string path)
    {
        try
        {
            return FileLock.TryTake(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new LinuxException($"lock {path}", Errno.Of(fault), $"the network is kept in {Folder}, which must be writable");
        }
    }

    private void MakeFolders()
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Folder)!);
            Directory.CreateDirectory(Folder, OwnerOnly);
            File.SetUnixFileMode(Folder, OwnerOnly);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new LinuxException(
                $"make {Folder}", Errno.Of(fault), $"networks are kept in {Path.GetDirectoryName(Folder)}, which must be writable");
        }
    }
}
