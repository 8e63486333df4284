using System.Text.Json;
using System.Text.Json.Serialization;
using Qanat.Linux.Storage;

namespace Qanat.Daemon.Vpn.Forwarding;

/// <summary>What was changed of the kernel's settings, in a file of /run, so that whoever comes next can put it back.</summary>
/// <param name="path">The file.</param>
internal sealed class ForwardingRecord(string path)
{
    // Between what names the network namespace and what names the network.
    private const string Mark = ".vpn.", Extension = ".json";

    private readonly DurableFile _file = FileOf(path);

    /// <summary>The file of a network's hub in the network namespace of the calling thread.</summary>
    public static string PathOf(string network)
    {
        var paths = DaemonPaths.ForThisNamespace();
        return Path.Combine(paths.Directory, $"{paths.Inode}{Mark}{network}{Extension}");
    }

    /// <summary>The settings that other hubs of the network namespace have noted, and need or are to put back.</summary>
    /// <exception cref="IOException">They cannot be read.</exception>
    public IReadOnlyList<ForwardingSetting> OfOthers()
    {
        var (folder, name) = (Path.GetDirectoryName(path)!, Path.GetFileName(path));
        var all = $"{name[..(name.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length)]}*{Extension}";
        return Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder, all).Where(other => other != path).SelectMany(Noted)]
            : [];
    }

    /// <summary>The settings; none when there is no file, or it makes no sense.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public IReadOnlyList<ForwardingSetting> Read()
    {
        try
        {
            return _file.Read() is { } bytes ? Parse(bytes) : [];
        }
        catch (JsonException)
        {
            _file.SetAside();
            return [];
        }
    }

    /// <summary>Replaces them; the file goes when there are none.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(IReadOnlyCollection<ForwardingSetting> settings)
    {
        if (settings.Count == 0)
            _file.Delete();
        else
            _file.Write(JsonSerializer.SerializeToUtf8Bytes([.. settings], ForwardingJson.Default.ForwardingSettingArray));
    }

    private static DurableFile FileOf(string path) => new(path, "changed settings are", new StateFiles());

    // One that makes no sense is for whoever wrote it to set aside.
    private static ForwardingSetting[] Noted(string path)
    {
        try
        {
            return FileOf(path).Peek() is { } bytes ? Parse(bytes) : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static ForwardingSetting[] Parse(byte[] bytes) =>
        JsonSerializer.Deserialize(bytes, ForwardingJson.Default.ForwardingSettingArray) ?? [];
}

/// <summary>JSON of the record, generated at build time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ForwardingSetting[]))]
internal sealed partial class ForwardingJson : JsonSerializerContext;
