using Qanat.Linux.Storage;
using Qanat.Linux;
using Qanat.WireGuard.Configuration;

namespace Qanat.Daemon.WireGuard.Up;

/// <summary>A configuration file on the disk.</summary>
public static class ConfigFile
{
    /// <summary>Reads it. What is wrong with it, or odd, is said line by line: <c>wg0.conf:3:14: ...</c></summary>
    /// <param name="path">The file.</param>
    /// <param name="say">Takes each line.</param>
    /// <returns>What it says, with keys that are the caller's; null when it cannot be used.</returns>
    public static WgQuickConfig? Read(string path, Action<string> say)
    {
        ArgumentNullException.ThrowIfNull(say);
        using var text = new SecretBuffer();
        try
        {
            ReadInto(text, path);
            WarnOfOthers(path, say);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            var reason = fault is LinuxException or InvalidDataException ? fault.Message : Errno.Text(Errno.Of(fault));
            say($"qanat: cannot read {path}: {reason}");
            return null;
        }
        var reading = ConfigReader.Read(text.Written, static name => RoutingTables.OfHost.Find(name) is not null);
        foreach (var warning in reading.Warnings)
            say($"Warning: {warning.At(path)}");
        foreach (var mistake in reading.Mistakes)
            say(mistake.At(path));
        if (reading.MoreMistakes > 0)
            say($"{path}: {reading.MoreMistakes} more mistakes");
        return reading.Config;
    }

    /// <summary>Replaces it: it is whole at every moment, and its owner's alone (0600).</summary>
    /// <exception cref="LinuxException">It cannot be written; it is as it was.</exception>
    internal static void Save(string path, WgQuickConfig config, WireGuardConfig device)
    {
        using var text = new SecretBuffer();
        ConfigWriter.Write(text, config, device);
        var files = new StateFiles();
        var target = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        var fresh = $"{target}.tmp";
        try
        {
            files.Write(fresh, text.Written);
            files.Rename(fresh, target);
            files.SyncDirectory(Path.GetDirectoryName(target)!);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            files.Delete(fresh);
            throw new LinuxException($"save {path}", Errno.Of(fault), "it is as it was");
        }
    }

    // Whatever it is: a device may never end.
    private static void ReadInto(SecretBuffer text, string path)
    {
        if (Directory.Exists(path))
            throw new InvalidDataException("it is a folder");
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        for (int count; (count = file.Read(text.GetSpan())) > 0;)
        {
            text.Advance(count);
            if (text.Written.Length > ConfigReader.MaxSize)
                throw new InvalidDataException($"it has more than {ConfigReader.MaxSize / 1024 / 1024} MiB");
        }
    }

    private static void WarnOfOthers(string path, Action<string> say)
    {
        var target = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);
        if (ConfigPath.IsWorldAccessible(File.GetUnixFileMode(target), File.GetUnixFileMode(Path.GetDirectoryName(target)!)))
            say($"Warning: {path} is world accessible, and its keys with it; chmod 600 {path}");
    }
}
