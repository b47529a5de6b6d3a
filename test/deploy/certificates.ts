import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { localPython } from '../../src/local/python.ts';

/** PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** The packages of the local AWS have what Node lacks. */
const MAKE = `
import sys, json, datetime
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization as s
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
host, begin, end = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
day = lambda n: datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=n)
key = ec.generate_private_key(ec.SECP256R1())
name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
cert = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
  .serial_number(x509.random_serial_number()).not_valid_before(day(begin)).not_valid_after(day(end))
  .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), False).sign(key, hashes.SHA256()))
private = key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption())
print(json.dumps({"key": private.decode(), "cert": cert.public_bytes(s.Encoding.PEM).decode()}))
`;

/** A certificate that vouches for itself. @param from first and last day of its validity, counted from today */
export async function certificate(host: string, from = -1, to = 1): Promise<Certificate> {
  const { stdout } = await promisify(execFile)(await localPython(), ['-c', MAKE, host, `${from}`, `${to}`]);
  return JSON.parse(stdout) as Certificate;
}
