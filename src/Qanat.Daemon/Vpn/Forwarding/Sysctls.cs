namespace Qanat.Daemon.Vpn.Forwarding;

/// <summary>The kernel's settings, of the network namespace that the calling thread is in.</summary>
/// <param name="root"><c>/proc/sys</c>.</param>
internal sealed class Sysctls(string root = "/proc/sys")
{
    /// <summary>A setting's value; null when there is none of the path: <c>net/ipv4/conf/eth0/forwarding</c>.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public string? Read(string path)
    {
        try
        {
            return File.ReadAllText(Path.Combine(root, path)).TrimEnd();
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Sets it; one that is gone is let go.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    /// <exception cref="UnauthorizedAccessException">/proc/sys may not be written to.</exception>
    public void Write(string path, string value)
    {
        try
        {
            using var file = new FileStream(Path.Combine(root, path), FileMode.Open, FileAccess.Write);
            file.Write(System.Text.Encoding.ASCII.GetBytes($"{value}\n"));
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
        }
    }

    /// <summary>The names below a path, of devices as a rule.</summary>
    public IReadOnlyList<string> Names(string path) =>
        Directory.Exists(Path.Combine(root, path))
            ? [.. Directory.EnumerateDirectories(Path.Combine(root, path)).Select(Path.GetFileName)!]
            : [];
}
