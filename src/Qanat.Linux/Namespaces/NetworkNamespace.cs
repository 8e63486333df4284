using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using static Qanat.Linux.Interop.Fcntl;
using static Qanat.Linux.Interop.Sched;
using static Qanat.Linux.Interop.Socket;

namespace Qanat.Linux.Namespaces;

/// <summary>
/// A network namespace, held open by a descriptor: it lives at least until this is disposed. Two that are the same namespace are equal.
/// </summary>
/// <remarks>Source: namespaces(7), setns(2), network_namespaces(7).</remarks>
public sealed unsafe class NetworkNamespace : IDisposable, IEquatable<NetworkNamespace>
{
    private const string OfThisThread = "/proc/thread-self/ns/net";

    private readonly FileIdentity _identity;

    private NetworkNamespace(string path)
    {
        var descriptor = open(path, O_RDONLY | O_CLOEXEC, 0);
        Handle = descriptor >= 0
            ? new(descriptor, ownsHandle: true)
            : throw Failure(Marshal.GetLastSystemError(), $"open network namespace {path}");
        _identity = FileIdentity.Of(Handle);
    }

    /// <summary>Takes over a descriptor of a namespace.</summary>
    internal NetworkNamespace(SafeFileHandle handle) => (Handle, _identity) = (handle, FileIdentity.Of(handle));

    /// <summary>The descriptor.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>Its number, as in <c>net:[4026531833]</c>.</summary>
    public ulong Inode => _identity.Inode;

    /// <summary>Inode of the namespace that the calling thread is in.</summary>
    /// <exception cref="LinuxException">/proc is not mounted.</exception>
    public static ulong CurrentInode =>
        FileIdentity.Get(OfThisThread, out var identity) is var error and not 0
            ? throw new LinuxException($"stat {OfThisThread}", error)
            : identity.Inode;

    /// <summary>The names that it has in /run/netns, in order; usually one or none.</summary>
    public IReadOnlyList<string> Names => NamedNamespaces.NamesOf(_identity);

    /// <summary>
    /// A number that no other namespace gets until the next boot, as programs in the kernel see it; null before Linux 5.14.
    /// </summary>
    /// <exception cref="LinuxException">The namespace cannot be entered.</exception>
    public ulong? Cookie => Run<ulong?>(() =>
    {
        using var socket = new Netlink.NetlinkSocket();
        ulong cookie;
        uint length = sizeof(ulong);
        return getsockopt(socket.Handle, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &length) == 0 ? cookie : null;
    });

    /// <summary>The namespace that the calling thread is in.</summary>
    public static NetworkNamespace Current() => new(OfThisThread);

    /// <summary>The namespace of a name, as <c>ip netns</c> knows it, or of a file: anything with a slash in it.</summary>
    /// <exception cref="LinuxException">ENOENT: there is none.</exception>
    public static NetworkNamespace Open(string nameOrPath) =>
        new(nameOrPath.Contains('/', StringComparison.Ordinal) ? nameOrPath : NamedNamespaces.PathOf(nameOrPath));

    /// <summary>The namespace that a process is in.</summary>
    /// <exception cref="LinuxException">ENOENT: no such process; EACCES: not ours to look at.</exception>
    public static NetworkNamespace OfProcess(int processId) => new($"/proc/{processId.ToString(CultureInfo.InvariantCulture)}/ns/net");

    /// <summary>Makes a namespace without a name. There is nothing in it but <c>lo</c>, which is down.</summary>
    /// <exception cref="LinuxException">EPERM: CAP_SYS_ADMIN is missing.</exception>
    public static NetworkNamespace Create()
    {
        // On a thread of its own, which ends there: not every program that may make a namespace may come back from it.
        NetworkNamespace? made = null;
        LinuxException? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                made = unshare(CLONE_NEWNET) == 0
                    ? Current()
                    : throw Failure(Marshal.GetLastSystemError(), "create a network namespace");
            }
            catch (LinuxException refused)
            {
                failure = refused;
            }
        });
        thread.Start();
        thread.Join();
        return made ?? throw failure!;
    }

    /// <summary>
    /// Runs <paramref name="action"/> on the calling thread inside this namespace and comes back. Sockets that it opens stay in this
    /// namespace, whoever uses them. The action must end on the thread that it began on: nothing in it may be awaited.
    /// </summary>
    /// <exception cref="LinuxException">The namespace cannot be entered; the action did not run.</exception>
    public T Run<T>(Func<T> action)
    {
        using var here = Current();
        if (here.Equals(this))
            return action();
        if (setns(Handle, CLONE_NEWNET) != 0)
            throw Failure(Marshal.GetLastSystemError(), $"enter network namespace {this}");
        try
        {
            return action();
        }
        finally
        {
            here.EnterForCertain();
        }
    }

    /// <summary>As <see cref="Run{T}"/>, for what has no result.</summary>
    public void Run(Action action) => Run(() =>
    {
        action();
        return true;
    });

    /// <summary>True when a process other than this one has its main thread in the namespace.</summary>
    /// <exception cref="LinuxException">The namespace cannot be entered, or /proc is not mounted.</exception>
    public bool HasOtherProcesses()
    {
        var ours = DevicesHere();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var processId) &&
                processId != Environment.ProcessId && DevicesOf(processId) == ours)
                return true;
        return false;
    }

    /// <summary>True when the main thread of a process is in the namespace.</summary>
    /// <exception cref="LinuxException">The namespace cannot be entered, or /proc is not mounted.</exception>
    public bool Holds(int processId) => DevicesOf(processId) == DevicesHere();

    // ns/net of a process with more capabilities than ours may not be looked at. net/dev may: each namespace has its own, and
    // no two the same inode.
    private FileIdentity DevicesHere() => Run(() => FileIdentity.Get("/proc/thread-self/net/dev", out var identity) is var error and not 0
        ? throw new LinuxException("stat /proc/thread-self/net/dev", error)
        : identity);

    private static FileIdentity? DevicesOf(int processId) =>
        FileIdentity.Get($"/proc/{processId}/net/dev", out var identity) == 0 ? identity : null;

    /// <inheritdoc/>
    public bool Equals(NetworkNamespace? other) => other is not null && other._identity == _identity;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as NetworkNamespace);

    /// <inheritdoc/>
    public override int GetHashCode() => _identity.GetHashCode();

    /// <summary>As the kernel writes it: <c>net:[4026531833]</c>.</summary>
    public override string ToString() => $"net:[{Inode}]";

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();

    // A thread of the pool left in the wrong namespace would do everything that follows in the wrong place.
    private void EnterForCertain()
    {
        if (setns(Handle, CLONE_NEWNET) != 0)
            Environment.FailFast(Failure(Marshal.GetLastSystemError(), $"come back to network namespace {this}").Message);
    }

    // The error comes first because arguments are evaluated in order: making the text may overwrite it.
    private static LinuxException Failure(int error, string operation) => new(operation, error);
}
