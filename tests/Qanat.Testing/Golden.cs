namespace Qanat.Testing;

/// <summary>What real kernels put on the wire: <c>tests/golden</c>, whose README has the commands behind each capture.</summary>
public static class Golden
{
    /// <summary>Reads a capture.</summary>
    /// <param name="name">Its name without <c>.pcap</c>: <c>ipip-tos-inherit</c>.</param>
    public static PcapFile Load(string name) => PcapFile.Read(Path.Combine(Folder, $"{name}.pcap"));

    /// <summary>The names of all captures.</summary>
    public static IEnumerable<string> Names =>
        Directory.EnumerateFiles(Folder, "*.pcap").Select(path => Path.GetFileNameWithoutExtension(path)).Order();

    private static string Folder => Repository.PathOf("tests/golden");
}
