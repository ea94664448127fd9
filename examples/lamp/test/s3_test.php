<?php
// The signer against AWS's published examples ("Signature Calculations for the Authorization Header: Transferring
// Payload in a Single Chunk", docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html).
declare(strict_types=1);
require __DIR__ . '/../app/src/Config.php';
require __DIR__ . '/../app/src/Credentials.php';
require __DIR__ . '/../app/src/S3.php';

$who = new Credentials('AKIAIOSFODNN7EXAMPLE', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', '');
$failures = 0;
$expect = function (string $name, array $headers, string $signature) use (&$failures): void {
    if (!str_ends_with($headers['authorization'], "Signature=$signature")) {
        echo "FAILED $name: {$headers['authorization']}\n";
        ++$failures;
    }
};
$expect('GET object', S3::sign('GET', '/test.txt', ['host' => 'examplebucket.s3.amazonaws.com', 'range' => 'bytes=0-9'],
    '', 'us-east-1', $who, '20130524T000000Z'), 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41');
$expect('PUT object', S3::sign('PUT', '/test%24file.text', ['host' => 'examplebucket.s3.amazonaws.com',
    'date' => 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class' => 'REDUCED_REDUNDANCY'],
    'Welcome to Amazon S3.', 'us-east-1', $who, '20130524T000000Z'),
    '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd');
exit($failures === 0 ? 0 : 1);
