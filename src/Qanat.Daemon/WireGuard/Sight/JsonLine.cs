using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Qanat.Daemon.WireGuard.Sight;

/// <summary>A document as a line of JSON.</summary>
public static class JsonLine
{
    // For terminals and programs, not for HTML: base64 stays as it is.
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a document, and the end of the line.</summary>
    public static void Write<T>(IBufferWriter<byte> output, T document, JsonTypeInfo<T> type)
    {
        ArgumentNullException.ThrowIfNull(output);
        using (var writer = new Utf8JsonWriter(output, s_options))
            JsonSerializer.Serialize(writer, document, type);
        output.Write("\n"u8);
    }
}
