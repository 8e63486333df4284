using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using static Qanat.Linux.Interop.Fcntl;
using static Qanat.Linux.Interop.Mount;
using static Qanat.Linux.Interop.Unistd;

namespace Qanat.Linux.Namespaces;

/// <summary>Namespaces with names, as <c>ip netns</c> keeps them: each is mounted on a file in /run/netns.</summary>
/// <remarks>Source: ip-netns(8).</remarks>
public static class NamedNamespaces
{
    private const string Folder = "/run/netns";

    // Elsewhere than on systems of today, /var/run is a folder of its own.
    private static readonly string[] Folders = [Folder, "/var/run/netns"];

    /// <summary>All names, in order.</summary>
    public static IReadOnlyList<string> List() => Names(Files());

    /// <summary>Makes a namespace with a name, as <c>ip netns add</c> does.</summary>
    /// <exception cref="LinuxException">EEXIST: the name is taken; EPERM: CAP_SYS_ADMIN is missing.</exception>
    public static NetworkNamespace Create(string name)
    {
        var path = Path.Combine(Folder, Checked(name));
        Share();
        var descriptor = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
        if (descriptor < 0)
            throw Failure(Marshal.GetLastSystemError(), $"create network namespace {name}");
        new SafeFileHandle(descriptor, ownsHandle: true).Dispose();
        NetworkNamespace? created = null;
        try
        {
            created = NetworkNamespace.Create();
            var file = ((int)created.Handle.DangerousGetHandle()).ToString(CultureInfo.InvariantCulture);
            if (mount($"/proc/thread-self/fd/{file}", path, "none", MS_BIND, 0) != 0)
                throw Failure(Marshal.GetLastSystemError(), $"name a network namespace {name}");
            return created;
        }
        catch
        {
            created?.Dispose();
            _ = unlink(path);
            throw;
        }
    }

    /// <summary>Takes a name away, as <c>ip netns del</c> does. The namespace ends when nobody uses it any more.</summary>
    /// <exception cref="LinuxException">ENOENT: there is no such name.</exception>
    public static void Delete(string name)
    {
        var path = PathOf(Checked(name));
        _ = umount2(path, MNT_DETACH); // EINVAL when it is a file that nothing is mounted on: then it is merely removed.
        if (unlink(path) != 0)
            throw Failure(Marshal.GetLastSystemError(), $"delete network namespace {name}");
    }

    /// <summary>The file that stands for a name.</summary>
    internal static string PathOf(string name) =>
        Folders.Select(folder => Path.Combine(folder, Checked(name))).FirstOrDefault(File.Exists) ?? Path.Combine(Folder, name);

    internal static IReadOnlyList<string> NamesOf(FileIdentity identity) =>
        Names(Files().Where(file => FileIdentity.Get(file, out var other) == 0 && other == identity));

    private static string[] Names(IEnumerable<string> files) =>
        [.. files.Select(file => Path.GetFileName(file)).Distinct().Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Files() => Folders.Where(Directory.Exists).SelectMany(Directory.EnumerateFiles);

    // A name made in one mount namespace is to be seen, and to go, in the others: the folder is a shared mount of its own.
    private static void Share()
    {
        Directory.CreateDirectory(Folder);
        if (mount("", Folder, "none", MS_SHARED | MS_REC, 0) == 0)
            return;
        if (Marshal.GetLastSystemError() != Errno.EINVAL || mount(Folder, Folder, "none", MS_BIND | MS_REC, 0) != 0 ||
            mount("", Folder, "none", MS_SHARED | MS_REC, 0) != 0)
            throw Failure(Marshal.GetLastSystemError(), $"share {Folder}");
    }

    private static string Checked(string name) =>
        name.Length > 0 && name is not ("." or "..") && !name.Contains('/', StringComparison.Ordinal)
            ? name
            : throw new ArgumentException($"\"{name}\" cannot name a network namespace.", nameof(name));

    // The error comes first because arguments are evaluated in order: making the text may overwrite it.
    private static LinuxException Failure(int error, string operation) => new(operation, error);
}
