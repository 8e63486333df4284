using System.Globalization;
using Qanat.Daemon;
using Qanat.Linux.Namespaces;

namespace Qanat.Cli.Doctor.Facts;

/// <summary>The files of daemons whose network namespaces are gone.</summary>
internal static class OrphanedFiles
{
    /// <summary>The inodes of the namespaces; those that anything might still be in are left out.</summary>
    public static IReadOnlyList<ulong> Find(SystemFiles files, DaemonPaths paths)
    {
        HashSet<ulong> kept = [.. Inodes(paths.Directory)];
        kept.Remove(paths.Inode);
        if (kept.Count > 0)
            kept.ExceptWith(Living(files));
        return [.. kept.Order()];
    }

    private static IEnumerable<ulong> Inodes(string folder)
    {
        try
        {
            return [.. Directory.EnumerateFiles(folder).Select(file => Number(Path.GetFileNameWithoutExtension(file))).OfType<ulong>()];
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    // Named ones, and those that a process is in. "net:[4026531833]" is what a process's link says.
    private static IEnumerable<ulong> Living(SystemFiles files)
    {
        foreach (var name in NamedNamespaces.List())
            if (FileIdentity.Get($"/run/netns/{name}", out var identity) == 0)
                yield return identity.Inode;
        foreach (var pid in files.Processes())
            if (files.Target($"proc/{pid}/ns/net") is ['n', 'e', 't', ':', '[', .. var inode, ']'] && Number(inode) is { } number)
                yield return number;
    }

    private static ulong? Number(string text) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
