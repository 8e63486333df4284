using System.Collections;
using System.Globalization;
using System.Text;
using QRCoder;
using QRCoder.Exceptions;
using Qanat.Vpn;

namespace Qanat.Cli.Commands.Vpn;

/// <summary>A QR code (ISO/IEC 18004), level L: it is read off a screen, where nothing is torn.</summary>
internal sealed class QrPicture
{
    private const int PixelsPerModule = 8;
    private readonly QRCodeData _code;

    private QrPicture(QRCodeData code) => _code = code;

    // Rows from the top; true is dark. The light border of four modules is part of it.
    private List<BitArray> Rows => _code.ModuleMatrix;

    /// <summary>The code of a text.</summary>
    /// <exception cref="VpnException">It does not fit in.</exception>
    public static QrPicture Of(ReadOnlySpan<byte> text)
    {
        try
        {
            return new(QRCodeGenerator.GenerateQrCode(text.ToArray(), QRCodeGenerator.ECCLevel.L));
        }
        catch (DataTooLongException)
        {
            throw new VpnException($"a QR code cannot hold the {text.Length} bytes of this peer's file; leave it out, or --split less");
        }
    }

    /// <summary>Checks the name of a file that a picture may be written to.</summary>
    /// <exception cref="VpnException">It is of no known kind.</exception>
    public static string FileName(string path) => Path.GetExtension(path) is ".svg" or ".png"
        ? path
        : throw new VpnException($"qr-file: \"{path}\" ends in neither .svg nor .png");

    /// <summary>What a file of that name holds.</summary>
    public byte[] ToFile(string path) => Path.GetExtension(path) == ".svg"
        ? Encoding.UTF8.GetBytes(ToSvg())
        : new PngByteQRCode(_code).GetGraphic(PixelsPerModule);

    /// <summary>For a terminal, two rows a line: dark on light whatever the terminal's colours are.</summary>
    public string ToTerminal()
    {
        var text = new StringBuilder();
        for (var y = 0; y < Rows.Count; y += 2)
        {
            text.Append("\e[30;107m");
            for (var x = 0; x < Rows.Count; x++)
                text.Append((Rows[y][x], y + 1 < Rows.Count && Rows[y + 1][x]) switch
                {
                    (true, true) => '█',
                    (true, false) => '▀',
                    (false, true) => '▄',
                    _ => ' ',
                });
            text.Append("\e[0m\n");
        }
        return text.ToString();
    }

    /// <summary>As SVG: a path of one-module squares, those beside each other joined.</summary>
    public string ToSvg()
    {
        var path = new StringBuilder();
        for (var y = 0; y < Rows.Count; y++)
            for (var x = 0; x < Rows.Count; x++)
            {
                var start = x;
                while (x < Rows.Count && Rows[y][x])
                    x++;
                if (x > start)
                    path.Append(CultureInfo.InvariantCulture, $"M{start} {y}h{x - start}v1h-{x - start}z");
            }
        var (side, size) = (Rows.Count, Rows.Count * PixelsPerModule);
        return $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" width="{size}" height="{size}" shape-rendering="crispEdges">
            <rect width="{side}" height="{side}" fill="#fff"/>
            <path d="{path}"/>
            </svg>

            """;
    }
}
