using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Qanat.Linux.Sockets;

namespace Qanat.Linux.Tests.Sockets;

public sealed class DescriptorPassingTests : IDisposable
{
    private const int SOL_SOCKET = 1, SO_PASSCRED = 16;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("qanat-descriptors-");
    private readonly Socket _from = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified), _to;

    public DescriptorPassingTests()
    {
        var name = new UnixDomainSocketEndPoint(Path.Combine(_folder.FullName, "socket"));
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(name);
        listener.Listen();
        _from.Connect(name);
        _to = listener.Accept();
    }

    public void Dispose()
    {
        _from.Dispose();
        _to.Dispose();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_descriptor_arrives_whatever_else_the_message_carries(bool withCredentials)
    {
        if (withCredentials) // the kernel puts them in front of the descriptor
            _to.SetRawSocketOption(SOL_SOCKET, SO_PASSCRED, BitConverter.GetBytes(1));
        var path = Path.Combine(_folder.FullName, "file");
        File.WriteAllText(path, "water");
        using (var file = File.OpenHandle(path))
            DescriptorPassing.Send(_from, file);
        using var received = DescriptorPassing.Receive(_to);
        Assert.Equal("water", Text(received));
    }

    [Fact]
    public void Data_without_a_descriptor_and_an_end_are_told_apart()
    {
        _from.Send([0]);
        Assert.Throws<InvalidDataException>(() => DescriptorPassing.Receive(_to));
        _from.Dispose();
        Assert.Throws<EndOfStreamException>(() => DescriptorPassing.Receive(_to));
    }

    private static string Text(SafeFileHandle file)
    {
        using var reader = new StreamReader(new FileStream(file, FileAccess.Read));
        return reader.ReadToEnd();
    }
}
