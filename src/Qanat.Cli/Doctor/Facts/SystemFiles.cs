using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Qanat.Cli.Doctor.Facts;

/// <summary>
/// Reads /proc, /sys and their like, within bounds: what is not there, not ours to read or not text is null or empty, never
/// an exception.
/// </summary>
/// <param name="root">What stands for <c>/</c>.</param>
internal sealed class SystemFiles(string root = "/")
{
    private const int Limit = 4 << 20;
    private const int MaxNames = 1 << 18;

    /// <summary>The real path of a path below the root.</summary>
    public string PathOf(string path) => Path.Combine(root, path);

    /// <summary>A file's text, at most four MiB of it; null when it cannot be read.</summary>
    public string? Read(string path) => Read(path, static file => file);

    /// <summary>As <see cref="Read(string)"/>, of a file that gzip compressed.</summary>
    public string? ReadCompressed(string path) => Read(path, static file => new GZipStream(file, CompressionMode.Decompress));

    /// <summary>A file's lines; none when it cannot be read.</summary>
    public string[] Lines(string path) => Read(path)?.Split('\n', StringSplitOptions.RemoveEmptyEntries) ?? [];

    /// <summary>Whether there is a file, a folder or anything else.</summary>
    public bool Exists(string path) => Path.Exists(PathOf(path));

    /// <summary>The names in a folder, in no order; none when it cannot be read.</summary>
    public IReadOnlyList<string> Names(string path)
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(PathOf(path)).Take(MaxNames).Select(name => Path.GetFileName(name))];
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>The processes, by the folders of /proc.</summary>
    public IEnumerable<int> Processes()
    {
        foreach (var name in Names("proc"))
            if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var pid))
                yield return pid;
    }

    /// <summary>Where a symbolic link points; null when it is none, or cannot be read.</summary>
    public string? Target(string path)
    {
        try
        {
            return new FileInfo(PathOf(path)).LinkTarget;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private string? Read(string path, Func<Stream, Stream> layer)
    {
        try
        {
            // Files of /proc have no length, and give what they have in pieces.
            using var file = new FileStream(PathOf(path), FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            using var content = layer(file);
            var bytes = new MemoryStream();
            var buffer = new byte[64 * 1024];
            while (bytes.Length < Limit && content.Read(buffer) is > 0 and var count)
                bytes.Write(buffer, 0, count);
            return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)Math.Min(bytes.Length, Limit));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or InvalidDataException or NotSupportedException)
        {
            return null;
        }
    }
}
