using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Qanat.Linux;
using Qanat.Linux.Storage;

namespace Qanat.Vpn.Storage;

/// <summary>A network's audit log: a line of JSON for each thing that happened, in a file that only grows.</summary>
/// <param name="path">The file.</param>
/// <param name="time">The clock.</param>
internal sealed class AuditLog(string path, TimeProvider time)
{
    // As people read it, on no page of HTML.
    private static readonly AuditJson s_json =
        new(new JsonSerializerOptions(AuditJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private readonly AppendFile _file = new(path, "the audit log is");

    /// <summary>Adds lines, all or none. Whoever calls this holds the directory's lock.</summary>
    /// <param name="entries">The lines.</param>
    /// <param name="before">Done when the disk has them, and before they stay: when it throws, they do not.</param>
    /// <exception cref="LinuxException">They cannot be written.</exception>
    public void Append(IReadOnlyList<AuditEntry> entries, Action? before = null)
    {
        using var lines = new MemoryStream();
        foreach (var entry in entries)
        {
            JsonSerializer.Serialize(lines, entry with { Time = entry.Time ?? time.GetUtcNow() }, s_json.AuditEntry);
            lines.WriteByte((byte)'\n');
        }
        _file.Append(lines.GetBuffer().AsSpan(0, (int)lines.Length), before);
    }
}

/// <summary>JSON of the audit log, generated at build time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AuditEntry))]
internal sealed partial class AuditJson : JsonSerializerContext;
