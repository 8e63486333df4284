using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Qanat.Packets;

namespace Qanat.Cli.Capture;

/// <summary>Prints a line for each packet, as tcpdump does, or an object of JSON.</summary>
/// <param name="output">Where lines go.</param>
/// <param name="request">How.</param>
/// <param name="named">Whether each line names its device and direction.</param>
internal sealed class PrintingSink(TextWriter output, CaptureRequest request, bool named) : ICaptureSink
{
    private readonly StringBuilder _line = new();

    /// <inheritdoc/>
    public void Take(CaptureInterface where, in CapturedPacket packet, ReadOnlySpan<byte> bytes)
    {
        bytes = request.SnapLength > 0 && bytes.Length > request.SnapLength ? bytes[..request.SnapLength] : bytes;
        if (request.Json)
            output.Write(Json(where, packet, bytes));
        else
            Print(where, packet, bytes);
        output.Write('\n');
    }

    /// <inheritdoc/>
    public void Flush() => output.Flush();

    /// <inheritdoc/>
    public void End(ulong dropped) => output.Flush();

    /// <inheritdoc/>
    public void Dispose() => output.Flush();

    private void Print(CaptureInterface where, in CapturedPacket packet, ReadOnlySpan<byte> bytes)
    {
        _line.Clear();
        _line.Append(Time(packet.Timestamp).ToLocalTime().ToString("HH:mm:ss.ffffff", CultureInfo.InvariantCulture)).Append(' ');
        if (packet.Id != 0)
            _line.Append(CultureInfo.InvariantCulture, $"#{packet.Id} ");
        if (named)
            foreach (var word in (string[])[where.Name, Word(packet.Direction)])
                _line.Append(word).Append(word.Length > 0 ? " " : "");
        _line.Append(PacketText.Describe(bytes, where.LinkType, request.LinkHeader, packet.OriginalLength));
        if (packet.Comment is { } comment)
            _line.Append($" ({comment})");
        output.Write(_line);
        if (request.Hexadecimal)
            AppendBytes(bytes);
    }

    // Sixteen bytes a line, as tcpdump -x has them.
    private void AppendBytes(ReadOnlySpan<byte> bytes)
    {
        for (var start = 0; start < bytes.Length; start += 16)
        {
            output.Write($"\n\t0x{start:x4}: ");
            var row = bytes[start..Math.Min(start + 16, bytes.Length)];
            for (var i = 0; i < row.Length; i++)
                output.Write(i % 2 == 0 ? $" {row[i]:x2}" : $"{row[i]:x2}");
        }
    }

    private static string Json(CaptureInterface where, in CapturedPacket packet, ReadOnlySpan<byte> bytes)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("time", Time(packet.Timestamp).ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture));
            json.WriteString("device", where.Name);
            if (packet.Direction != CaptureDirection.Unknown)
                json.WriteString("direction", Word(packet.Direction).ToLowerInvariant());
            if (packet.Id != 0)
                json.WriteNumber("journey", packet.Id);
            json.WriteNumber("length", packet.OriginalLength);
            json.WriteString("packet", PacketText.Describe(bytes, where.LinkType, originalLength: packet.OriginalLength));
            if (packet.Comment is { } comment)
                json.WriteString("comment", comment);
            json.WriteBase64String("bytes", bytes);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static DateTimeOffset Time(long nanoseconds) => DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / 100);

    private static string Word(CaptureDirection direction) => direction switch
    {
        CaptureDirection.Inbound => "In",
        CaptureDirection.Outbound => "Out",
        _ => "",
    };
}
