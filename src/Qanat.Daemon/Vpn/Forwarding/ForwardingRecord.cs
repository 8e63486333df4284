using System.Text.Json;
using System.Text.Json.Serialization;
using Qanat.Linux.Storage;

namespace Qanat.Daemon.Vpn.Forwarding;

/// <summary>What was changed of the kernel's settings, in a file of /run, so that whoever comes next can put it back.</summary>
/// <param name="path">The file.</param>
internal sealed class ForwardingRecord(string path)
{
    private readonly DurableFile _file = new(path, "changed settings are", new StateFiles());

    /// <summary>The settings; none when there is no file, or it makes no sense.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public IReadOnlyList<ForwardingSetting> Read()
    {
        try
        {
            return _file.Read() is { } bytes ? JsonSerializer.Deserialize(bytes, ForwardingJson.Default.ForwardingSettingArray) ?? [] : [];
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
}

/// <summary>JSON of the record, generated at build time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ForwardingSetting[]))]
internal sealed partial class ForwardingJson : JsonSerializerContext;
