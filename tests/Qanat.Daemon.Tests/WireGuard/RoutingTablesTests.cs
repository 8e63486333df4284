using Qanat.Daemon.WireGuard.Up;

namespace Qanat.Daemon.Tests.WireGuard;

/// <summary>Names and numbers of routing tables mean what they mean to <c>ip</c>.</summary>
public sealed class RoutingTablesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public RoutingTablesTests()
    {
        Write("etc/rt_tables", "# comment\n255\tlocal\n\n 77 office # where we are\n0x4e home\n0100 decimal\n90 2go\n91 92\n");
        Write("etc/rt_tables.d/vpn.conf", "100 vpn\n");
        Write("etc/rt_tables.d/vpn.txt", "101 text\n");
        Write("etc/rt_tables.d/.conf", "102 hidden\n");
        Write("usr/rt_tables", "103 theirs\n");
        Write("usr/rt_tables.d/vpn.conf", "104 vpn\n105 covered\n");
        Write("usr/rt_tables.d/more.conf", "106 more\n");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("83", 83u)]
    [InlineData("0x53", 83u)]
    [InlineData("0X53", 83u)]
    [InlineData("0123", 83u)]
    [InlineData("0", 0u)]
    [InlineData("0xffffffff", uint.MaxValue)]
    [InlineData("main", 254u)]
    [InlineData("local", 255u)]
    [InlineData("default", 253u)]
    [InlineData("office", 77u)]
    [InlineData("home", 78u)]
    [InlineData("decimal", 100u)]
    [InlineData("2go", 90u)]
    [InlineData("92", 91u)]
    [InlineData("vpn", 100u)]
    [InlineData("more", 106u)]
    public void A_table_has_a_number(string text, uint number) =>
        Assert.Equal(number, new RoutingTables($"{_folder}/etc", $"{_folder}/usr").Find(text));

    [Theory]
    [InlineData("nosuch")]
    [InlineData("text")]
    [InlineData("hidden")]
    [InlineData("theirs")]
    [InlineData("covered")]
    [InlineData("089")]
    [InlineData("0x")]
    [InlineData("4294967296")]
    [InlineData("040000000000")]
    [InlineData("-1")]
    [InlineData("#")]
    public void What_is_neither_name_nor_number_is_no_table(string text) =>
        Assert.Null(new RoutingTables($"{_folder}/etc", $"{_folder}/usr").Find(text));

    [Fact]
    public void The_distributions_count_where_the_administrator_has_none() =>
        Assert.Equal(103u, new RoutingTables($"{_folder}/nosuch", $"{_folder}/usr").Find("theirs"));

    private void Write(string path, string text)
    {
        var file = Path.Combine(_folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
