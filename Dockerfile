# The program in an image: built in one stage, in the other only Python, its environment and a user without rights.
FROM python:3.13.9-trixie AS build
WORKDIR /src
COPY requirements/run.txt requirements/build.txt requirements/
RUN python -m venv /opt/build \
    && /opt/build/bin/pip install --no-cache-dir --require-hashes -r requirements/build.txt \
    && python -m venv /opt/notary \
    && /opt/notary/bin/pip install --no-cache-dir --require-hashes -r requirements/run.txt
COPY pyproject.toml README.md LICENSE ./
COPY notary notary
RUN /opt/build/bin/python -m hatchling build --target wheel --directory /dist \
    && /opt/notary/bin/pip install --no-cache-dir --no-deps --no-index /dist/*.whl

FROM python:3.13.9-slim-trixie
# The number is fixed, so that the owner of volumes and of secret files can be said before there is a container.
RUN groupadd --gid 10001 notary \
    && useradd --uid 10001 --gid notary --no-create-home --home-dir /data --shell /usr/sbin/nologin notary \
    && install --directory --owner=notary --group=notary --mode=0700 /data /backup
COPY --from=build /opt/notary /opt/notary
COPY --chmod=0755 deploy/first-start /opt/notary/bin/notary-first-start
ENV PATH=/opt/notary/bin:$PATH NOTARY_DATA=/data/log PYTHONUNBUFFERED=1
USER 10001:10001
EXPOSE 8080 9464
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/livez', timeout=4)"]
ENTRYPOINT ["notary"]
CMD ["serve", "--web-only", "--host", "0.0.0.0"]
